using System.Net;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailUsers;
using MailOperator.UnitTests.Hosting;
using MailOperator.UnitTests.Kubernetes;
using MailOperator.UnitTests.MailDevices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.MailUsers;

public sealed class MailUserReconcilerTests : IDisposable
{
    private static readonly ObjectKey Key = new("shop", "ada");
    private readonly FakeApi _api = new();
    private readonly FakeTimeProvider _clock = new(Snapshots.Now);
    private readonly ObjectStore<MailUser> _users = new();
    private readonly ObjectStore<MailDevice> _devices = new();
    private readonly ServiceProvider _modules;
    private readonly MailUserReconciler _reconciler;

    public MailUserReconcilerTests()
    {
        _api.Default = static _ =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("{}") });
        _modules = Modules.Build(
            _api.Connect(_clock), _clock, services => services.AddSingleton(_users).AddSingleton(_devices));
        _reconciler = _modules.GetRequiredService<MailUserReconciler>();
        _users.Put(User());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reconcile_Devices_CountsThoseOfItsNamespaceThatNameIt()
    {
        _devices.Put(Device("phone", "ada"));
        _devices.Put(Device("laptop", "ada"));
        _devices.Put(Device("other", "bob"));
        _devices.Put(Device("none", null));
        _devices.Put(Device("elsewhere", "ada", "bank")); // mutant: compare the name alone

        await _reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(2, (int)StatusWritten()!["devices"]!);
        Assert.Equal(("True", Reasons.UserReady), Ready());
    }

    [Fact]
    public async Task Reconcile_New_GetsItsFinalizerFirst()
    {
        MailUser fresh = User();
        fresh.Metadata.Finalizers = null;
        _users.Put(fresh);

        await _reconciler.ReconcileAsync(Key, Token);

        Assert.Contains(Finalizers.InUse, _api.Requests[0].Body);
    }

    [Fact]
    public async Task Reconcile_NothingNew_WritesNothing()
    {
        await _reconciler.ReconcileAsync(Key, Token);
        MailUser seen = User();
        seen.Status = ApiJson.Deserialize<MailUserStatus>(
            System.Text.Json.JsonSerializer.SerializeToElement(StatusWritten()));
        _users.Put(seen);
        int before = _api.Requests.Count;
        _clock.Advance(TimeSpan.FromHours(1));

        await _reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(before, _api.Requests.Count);
    }

    [Fact]
    public async Task Reconcile_Suspended_IsReadyAndSaysSo()
    {
        // Ready, because the spec is applied. A tool that waits for Ready must not wait until the suspension ends.
        MailUser user = User();
        user.Spec.Suspended = true;
        _users.Put(user);

        await _reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(("True", Reasons.UserSuspended), Ready());
    }

    [Fact]
    public async Task Reconcile_ADeviceIsNotReconciledYet_WaitsForItWithoutAWarning()
    {
        // Mutant: Ready=True from the spec alone. Mutant: an event for the second that every device needs.
        _users.Put(Suspended());
        _devices.Put(UserFollowersTests.Named("phone", "follows an earlier generation"));

        await _reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(("False", Reasons.DevicesPending), Ready());
        Assert.Equal((1, 0), ((int)StatusWritten()!["devices"]!, (int)StatusWritten()!["followingDevices"]!));
        Assert.Equal(["Ready", "Reconciling"], ConditionTypesWritten());
        Assert.Empty(await EventsAsync());
    }

    [Fact]
    public async Task Reconcile_ADeviceIsBlocked_SaysWhichAndWarns()
    {
        // Mutant: no condition of its own, so that nobody is warned that a password still works.
        _users.Put(Suspended());
        _devices.Put(UserFollowersTests.Named("phone", "revocation blocked"));

        await _reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(["Ready", "Reconciling", "RevocationPending"], ConditionTypesWritten());
        Assert.Contains("phone (The suspension", (string)StatusWritten()!["conditions"]![2]!["message"]!);
        Assert.Contains(Reasons.RevocationBlocked, Assert.Single(await EventsAsync()));
    }

    [Fact]
    public async Task Reconcile_AllFollow_IsReadyForThisGeneration()
    {
        // kubectl wait believes a condition only if its generation is that of the object.
        _users.Put(Suspended());
        _devices.Put(UserFollowersTests.Named("phone", "follows"));

        await _reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(("True", Reasons.UserSuspended), Ready());
        Assert.Equal(4, (int)StatusWritten()!["conditions"]![0]!["observedGeneration"]!);
        Assert.Equal(1, (int)StatusWritten()!["followingDevices"]!);
    }

    [Theory]
    [InlineData("nobody", null, "spec.emailAddress 'nobody'")]
    [InlineData(null, "$.spec.sending", "does not fit its schema")]
    public async Task Reconcile_InvalidSpec_ReportsTheProblem(string? address, string? error, string words)
    {
        MailUser user = User();
        (user.Spec.EmailAddress, user.DecodeError) = (address, error);
        _users.Put(user);

        await _reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(("False", Reasons.InvalidSpec), Ready());
        Assert.Contains(words, (string)StatusWritten()!["conditions"]![0]!["message"]!);
    }

    [Fact]
    public async Task Reconcile_DeletedWhileNamed_StaysAndNamesTheDevices()
    {
        _devices.Put(Device("phone", "ada"));
        _users.Put(Deleted());

        await _reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(("False", Reasons.UserInUse), Ready());
        // Mutant: only "delete". It would cost the passwords, and removing the reference is enough.
        Assert.Contains(
            "remove spec.userRef from these, which keeps their passwords, or delete them: ",
            (string)StatusWritten()!["conditions"]![0]!["message"]!);
        Assert.Contains("shop/phone", (string)StatusWritten()!["conditions"]![0]!["message"]!);
        Assert.DoesNotContain(
            _api.Requests, static request => request.Body.Contains("\"remove\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reconcile_DeletedAndUnused_LosesItsFinalizer()
    {
        _devices.Put(Device("other", "bob"));
        _users.Put(Deleted());

        await _reconciler.ReconcileAsync(Key, Token);

        Assert.Contains("\"remove\"", Assert.Single(_api.Requests).Body);
    }

    [Fact]
    public async Task Reconcile_Gone_IsDone()
    {
        await _reconciler.ReconcileAsync(new ObjectKey("shop", "gone"), Token);

        Assert.Empty(_api.Requests);
    }

    public void Dispose()
    {
        Modules.End(_modules);
        _api.Dispose();
    }

    private (string Status, string Reason) Ready() =>
        StatusWritten()!["conditions"]![0]! is var ready
            ? ((string)ready["status"]!, (string)ready["reason"]!)
            : default;

    private async Task<string[]> EventsAsync()
    {
        var recorder = _modules.GetRequiredService<EventRecorder>();
        await recorder.StartAsync(Token);
        await recorder.StopAsync(Token); // writes what is queued
        return
        [
            .. _api.Requests.Where(static one => one.PathAndQuery.Contains("/events", StringComparison.Ordinal))
                .Select(static one => one.Body),
        ];
    }

    private IEnumerable<string> ConditionTypesWritten() =>
        StatusWritten()!["conditions"]!.AsArray().Select(static condition => (string)condition!["type"]!);

    private JsonNode? StatusWritten() =>
        _api.Requests.LastOrDefault(
            static request => request.PathAndQuery.Contains("/status?", StringComparison.Ordinal)) is
        { Body: { } body }
            ? JsonNode.Parse(body)!.AsArray()[^1]!["value"]
            : null;

    private static MailUser User() => new()
    {
        Metadata = new()
        {
            Name = "ada",
            NamespaceProperty = "shop",
            Uid = "uid-ada",
            ResourceVersion = "1",
            Generation = 1,
            Finalizers = [Finalizers.InUse],
        },
    };

    private static MailUser Suspended()
    {
        MailUser user = User();
        user.Metadata.Generation = 4;
        user.Spec.Suspended = true;
        return user;
    }

    private static MailUser Deleted()
    {
        MailUser user = User();
        user.Metadata.DeletionTimestamp = Snapshots.Now.UtcDateTime;
        return user;
    }

    private static MailDevice Device(string name, string? user, string @namespace = "shop") => new()
    {
        Metadata = new() { Name = name, NamespaceProperty = @namespace, Uid = $"uid-{name}" },
        Spec = new MailDeviceSpec
        {
            Mailbox = "a@example.com",
            UserRef = user is null ? null : new ObjectReference { Name = user },
        },
    };
}
