using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailServers;
using MailOperator.Tests;
using MailOperator.UnitTests.MailDevices;
using Moq;

namespace MailOperator.UnitTests.MailBackends;

/// <summary>Retained passwords at a backend: who is told of them, and how they end.</summary>
public sealed class MailBackendRetainedTests : MailBackendRig
{
    private static readonly Slot Retained = Snapshots.Slot("aaaaaa") with
    {
        Owner = new SlotOwner("cluster", "uid-gone"),
        IsRetained = true,
    };

    public MailBackendRetainedTests()
    {
        Holds(Retained);
        Target.SetupGet(static one => one.PropagationDelay).Returns(TimeSpan.FromSeconds(2));
        // Mutant of the lister: expect an array. A Go server writes null, and nothing would end once no device is left.
        Api.Default = static request => Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.OK)
        {
            Content = new StringContent(request.RequestUri!.Query.Contains("limit=", StringComparison.Ordinal)
                ? """{"metadata":{},"items":null}"""
                : "{}"),
        });
    }

    [Fact]
    public async Task Reconcile_NothingEndsIt_IsListedAndCounted()
    {
        await Reconciler.ReconcileAsync(Key, Token);

        JsonNode shown = StatusWritten()!["retained"]!.AsArray().Single()!;
        Assert.Equal(
            ("shop", "alerts@example.com", "grafana", "aaaaaa", Rfc3339.Format(Retained.IssuedAt)),
            ((string)shown["namespace"]!, (string)shown["mailbox"]!, (string)shown["device"]!, (string)shown["id"]!,
                (string)shown["since"]!));
        Assert.Equal((1, 0), ((int)StatusWritten()!["retainedSlots"]!, (int)StatusWritten()!["orphanSlots"]!));
        Assert.Equal(1, Gauge("retained_slots"));
        Assert.Equal(0, Gauge("orphan_slots"));
        AssertChanges(0);
    }

    [Theory]
    [InlineData("Revoke", "Denied", true)]
    [InlineData("Revoke", null, true)]
    [InlineData("Revoke", "Allowed", false)]
    [InlineData("Keep", "Denied", false)]
    [InlineData(null, "Denied", false)]
    [InlineData("Revoke", "unreadable", false)] // what cannot be read takes nothing away by itself
    public async Task Reconcile_GrantOfTheNamespace_DecidesUnderRevoke(string? withdrawn, string? retention, bool ends)
    {
        // Mutant: ask for any grant. One that does not allow retention would keep the password for ever.
        MailBackend backend = Backend();
        backend.Spec.GrantWithdrawn = withdrawn is null ? null : Enum.Parse<GrantWithdrawal>(withdrawn);
        backend.Spec.Grants =
        [
            new GrantSpec
            {
                Mailboxes = ["*@example.com"],
                Retention = Enum.TryParse(retention, out RetentionPolicy policy) ? policy : null,
            },
        ];
        backend.Unreadable = retention == "unreadable" ? ["spec.grants"] : [];
        Backends.Put(backend);

        await Reconciler.ReconcileAsync(Key, Token);

        AssertChanges(ends ? 1 : 0);
        Assert.Equal(ends ? 0 : 1, (int)StatusWritten()!["retainedSlots"]!);
    }

    [Theory]
    [InlineData("/a", false)]
    [InlineData("/b", true)]
    public async Task Reconcile_AnotherMailBackendAllowsIt_CountsOnlyIfItHasTheSameStore(string path, bool ends)
    {
        // Mutant: ask this MailBackend alone. Two that share a file would end what the other one retains.
        MailBackend backend = Backend(), other = Backend();
        (backend.Spec.GrantWithdrawn, backend.Spec.Grants) = (GrantWithdrawal.Revoke, []);
        other.Metadata.Name = "other";
        other.Spec.PasswdFile!.Path = path;
        other.Spec.Grants = [new GrantSpec { Mailboxes = ["*@*"], Retention = RetentionPolicy.Allowed }];
        Backends.Put(backend);
        Backends.Put(other);

        await Reconciler.ReconcileAsync(Key, Token);

        AssertChanges(ends ? 1 : 0);
    }

    [Fact]
    public async Task Reconcile_OlderThanTheMaximum_EndsWhenItIsDue()
    {
        MailBackend backend = Backend();
        backend.Spec.Expiry = new BackendExpirySpec { Maximum = "2h" };
        Backends.Put(backend);
        Holds(Retained with { IssuedAt = Snapshots.Now.AddHours(-2).AddSeconds(7) });

        ReconcileResult result = await Reconciler.ReconcileAsync(Key, Token);
        AssertChanges(0);
        Assert.Equal(TimeSpan.FromSeconds(7), result.RequeueAfter);

        Clock.Advance(result.RequeueAfter!.Value);
        await Reconciler.ReconcileAsync(Key, Token);
        AssertChanges(1);
    }

    [Fact]
    public async Task Reconcile_APersonAsksAndMailServersAreTold_RefusesWaitsTellsAndRemoves()
    {
        // Mutant: remove at once, or tell before every server must have heard of it.
        MailBackend backend = Backend();
        backend.Metadata.Annotations = new Dictionary<string, string> { [Annotations.EndRetained] = "aaaaaa" };
        backend.Spec.Dovecot = new DovecotSpec
        {
            Doveadm = [new DoveadmSpec
            {
                Url = "https://dovecot.test/",
                CredentialsSecret = new ObjectReference { Name = "doveadm" },
            }],
        };
        Backends.Put(backend);

        ReconcileResult result = await Reconciler.ReconcileAsync(Key, Token);

        Slot refused = Assert.Single(Changes().Single().Put);
        Assert.NotNull(refused.End);
        AssertTold(0);
        Assert.Equal(1, (int)StatusWritten()!["retainedSlots"]!); // it is not gone yet, and the status does not say so
        Assert.Equal(TimeSpan.FromSeconds(3), result.RequeueAfter);

        backend.Metadata.Annotations.Clear(); // the slot records that its end has begun
        Holds(refused);
        Clock.Advance(result.RequeueAfter!.Value);
        Servers.Setup(static one => one.TellAsync(
                It.IsAny<MailBackendSpec>(), It.IsAny<System.Collections.Immutable.ImmutableArray<string>>(), true,
                It.IsAny<CancellationToken>()))
            .ThrowsAsync(new MailBackendException(BackendFailure.Unavailable, "Dovecot hung up."));
        result = await Reconciler.ReconcileAsync(Key, Token);
        AssertChanges(1); // the slot stays until all servers know
        JsonArray conditions = StatusWritten()!["conditions"]!.AsArray();
        Assert.Contains(conditions, static one =>
            (string)one!["type"]! == ConditionTypes.RevocationPending
            && (string)one["message"]! == "Dovecot hung up.");
        Assert.Equal("False", (string)conditions[0]!["status"]!);
        Assert.True(result.RequeueAfter < MailBackendReconciler.ProbeInterval);

        Servers.Reset();
        await Reconciler.ReconcileAsync(Key, Token);
        AssertTold(1);
        Assert.Equal(["aaaaaa"], Changes()[^1].Remove);
        Assert.Equal(0, (int)StatusWritten()!["retainedSlots"]!);
    }

    [Fact]
    public async Task Reconcile_RetainedHoldsTheOnlyPlace_NextDeviceWaitsForItsEnd()
    {
        // Mutant: count devices alone. Create, read, delete would give any number of passwords.
        var ledger = Service<QuotaLedger>();
        GrantSpec[] one = [new GrantSpec { MaxDevicesPerMailbox = 1 }];
        MailDevice next = Device("next");
        await Reconciler.ReconcileAsync(Key, Token);
        Assert.False(ledger.TryAdmit(next, "dovecot", one, _ => one));

        Holds();
        await Reconciler.ReconcileAsync(Key, Token);
        Assert.True(ledger.TryAdmit(next, "dovecot", one, _ => one));
    }

    [Fact]
    public async Task Reconcile_MailSystemThatCannotList_FreesThePlaceOnceTheDeviceHasNothingLeft()
    {
        // Mutant: settle without asking. The place would be free while the password works.
        Target.SetupGet(static one => one.DeclaredCapabilities).Returns(BackendCapabilities.Overlap);
        var ledger = Service<QuotaLedger>();
        GrantSpec[] one = [new GrantSpec { MaxDevicesPerMailbox = 1 }];
        MailDevice first = Device("first"), next = Device("next");
        next.Metadata.Uid = "uid-b";
        await Reconciler.ReconcileAsync(Key, Token);
        Assert.True(ledger.TryAdmit(first, "dovecot", one, _ => one));
        ledger.Remove(first.Key);
        Left(Snapshots.Slot("aaaaaa"));

        await Reconciler.ReconcileAsync(Key, Token);
        Assert.False(ledger.TryAdmit(next, "dovecot", one, _ => one));

        Left();
        await Reconciler.ReconcileAsync(Key, Token);
        Assert.True(ledger.TryAdmit(next, "dovecot", one, _ => one));
    }

    private void Left(params Slot[] slots) => Target.Setup(static one => one.ListAsync(
        new SlotOwner("cluster", "uid-a"), It.IsAny<CancellationToken>())).ReturnsAsync(slots);

    private SlotChange[] Changes() =>
    [
        .. Target.Invocations.Where(static one => one.Method.Name == nameof(IMailBackend.ApplyAsync))
            .Select(static one => (SlotChange)one.Arguments[0]!),
    ];

    private void AssertChanges(int count) => Assert.Equal(count, Changes().Length);

    private void AssertTold(int count) =>
        Assert.Equal(
            count, Servers.Invocations.Count(static one => one.Method.Name == nameof(IMailServers.TellAsync)));

    private int Gauge(string name) =>
        (int)MetricsPage.Read(Service<RuntimeMetrics>()).Sum("mail_operator_" + name);
}
