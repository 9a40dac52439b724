using System.Net;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.UnitTests.Kubernetes;
using MailOperator.UnitTests.MailDevices;
using MailOperator.Usage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace MailOperator.UnitTests.MailBackends;

public sealed class MailBackendReconcilerTests : IDisposable
{
    private static readonly ObjectKey Key = new("", "dovecot");
    private readonly FakeApi _api = new();
    private readonly FakeTimeProvider _clock = new(Snapshots.Now);
    private readonly ObjectStore<MailBackend> _backends = new();
    private readonly ObjectStore<MailDevice> _devices = new();
    private readonly WorkQueue<ObjectKey> _deviceQueue;
    private readonly Mock<IMailBackend> _target = new();
    private readonly Mock<IDeviceUses> _uses;
    private readonly RuntimeMetrics _metrics = new();
    private readonly MailBackendReconciler _reconciler;
    private readonly EventRecorder _events;

    public MailBackendReconcilerTests()
    {
        KubernetesApi api = _api.Connect(_clock);
        _uses = _target.As<IDeviceUses>(); // before anybody asks for the mock's object
        _api.Default = static _ => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("{}") });
        _deviceQueue = new WorkQueue<ObjectKey>(_clock);
        _events = new EventRecorder(api, "pod-0", _metrics, _clock, NullLogger<EventRecorder>.Instance);
        _target.SetupGet(static one => one.Capabilities).Returns(BackendCapabilities.Hash | BackendCapabilities.List);
        Holds();
        var driver = new Mock<IMailBackendDriver>();
        driver.Setup(static one => one.SpecOf(It.IsAny<MailBackendSpec>())).Returns(static (MailBackendSpec spec) => spec.PasswdFile);
        driver.Setup(static one => one.Validate(It.IsAny<MailBackendSpec>())).Returns(static (MailBackendSpec spec) =>
            spec.PasswdFile!.Path == "bad" ? ["bad path"] : []);
        driver.Setup(static one => one.Create(It.IsAny<MailBackendSpec>())).Returns(_target.Object);
        _reconciler = new MailBackendReconciler(
            _backends, _devices, new BackendRegistry([driver.Object], workers: 4, _clock, new Random(1)), new OrphanSweep(api, _events, _clock), _deviceQueue,
            new DeletionHold(ApiGroup.MailBackends, new ObjectWriter(api)),
            new ReadyReporter(ApiGroup.MailBackends, new ObjectWriter(api), _events, _clock),
            new OperatorIdentity { Instance = "cluster" });
        _backends.Put(Backend());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reconcile_Reachable_IsReadyWithItsCapabilitiesAndDevices()
    {
        _devices.Put(Device("grafana"));

        ReconcileResult result = await _reconciler.ReconcileAsync(Key, Token);

        JsonNode status = StatusWritten()!;
        Assert.Equal(["Hash", "List"], status["capabilities"]!.AsArray().Select(static one => (string)one!));
        Assert.Equal((1, "True"), ((int)status["devices"]!, (string)status["conditions"]![0]!["status"]!));
        Assert.Equal(MailBackendReconciler.ProbeInterval, result.RequeueAfter);
    }

    [Fact]
    public async Task Reconcile_NothingNew_WritesNothing()
    {
        await _reconciler.ReconcileAsync(Key, Token);
        MailBackend seen = Backend();
        seen.Status = ApiJson.Deserialize<MailBackendStatus>(System.Text.Json.JsonSerializer.SerializeToElement(StatusWritten()));
        _backends.Put(seen);
        int before = _api.Requests.Count;
        _clock.Advance(TimeSpan.FromMinutes(1));

        await _reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(before, _api.Requests.Count);
    }

    [Theory]
    [InlineData(nameof(BackendFailure.Unavailable), Reasons.BackendUnavailable)]
    [InlineData(nameof(BackendFailure.Unauthorized), Reasons.BackendUnauthorized)]
    public async Task Reconcile_NotReachable_SaysWhyAndLooksAgain(string failure, string reason)
    {
        _target.Setup(static one => one.ListAllAsync("cluster", It.IsAny<CancellationToken>()))
            .ThrowsAsync(new MailBackendException(Enum.Parse<BackendFailure>(failure), "no way in"));

        ReconcileResult result = await _reconciler.ReconcileAsync(Key, Token);

        JsonNode ready = StatusWritten()!["conditions"]![0]!;
        Assert.Equal(("False", reason, "no way in"), ((string)ready["status"]!, (string)ready["reason"]!, (string)ready["message"]!));
        Assert.NotNull(result.RequeueAfter);
    }

    [Fact]
    public async Task Reconcile_Busy_SaysNothingAndComesBack()
    {
        _target.Setup(static one => one.ListAllAsync("cluster", It.IsAny<CancellationToken>()))
            .ThrowsAsync(new MailBackendException(BackendFailure.Busy, "busy"));

        ReconcileResult result = await _reconciler.ReconcileAsync(Key, Token);

        Assert.Null(StatusWritten());
        Assert.True(result.RequeueAfter < MailBackendReconciler.ProbeInterval);
    }

    [Fact]
    public async Task Reconcile_InvalidSpec_AsksNoBackend()
    {
        MailBackend invalid = Backend();
        invalid.Spec.PasswdFile!.Path = "bad";
        _backends.Put(invalid);

        await _reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(Reasons.InvalidSpec, (string)StatusWritten()!["conditions"]![0]!["reason"]!);
        _target.Verify(static one => one.ListAllAsync(It.IsAny<string>(), It.IsAny<CancellationToken>()), Times.Never);
    }

    [Theory]
    [InlineData(true, true, 0)]
    [InlineData(true, false, 1)] // a line was edited: the device puts it right
    [InlineData(false, true, 1)] // put back from an old copy
    public async Task Reconcile_SlotMissingOrBroken_WakesItsDevice(bool isThere, bool isIntact, int woken)
    {
        _devices.Put(Device("grafana"));
        Holds(isThere ? [Snapshots.Slot("aaaaaa") with { IsIntact = isIntact }] : []);

        await _reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(woken, _deviceQueue.ReadyCount);
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(59, 0)] // minutes since the one that is shown
    [InlineData(60, 1)]
    public async Task Reconcile_DeviceLoggedIn_IsWokenOnceAnHour(int? minutes, int woken)
    {
        MailDevice device = Device("grafana");
        device.Status!.LastUse = minutes is { } ago ? Use(Snapshots.Now.AddMinutes(-ago)) : null;
        _devices.Put(device);
        Holds(Snapshots.Slot("aaaaaa"));
        Tells(problem: null, Use(Snapshots.Now));

        await _reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(woken, _deviceQueue.ReadyCount);
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData(59, 0)] // minutes after the one shown
    [InlineData(60, 1)]
    public async Task Reconcile_SlotTellsOfALogin_WakesTheDeviceWhoseStatusIsBehind(int? minutes, int woken)
    {
        // Mutant: what a mail system tells with its slots is shown when something else wakes the device, if ever.
        MailDevice device = Device("grafana");
        device.Status!.LastUse = Use(Snapshots.Now);
        _devices.Put(device);
        Holds(Snapshots.Slot("aaaaaa") with { Owner = new SlotOwner("cluster", "uid-a"), LastUsedAt = minutes is { } later ? Snapshots.Now.AddMinutes(later) : null });
        _target.SetupGet(static one => one.Capabilities).Returns(BackendCapabilities.List | BackendCapabilities.LastUse);

        await _reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(woken, _deviceQueue.ReadyCount);
    }

    [Fact]
    public async Task Reconcile_LoginLogCannotBeRead_IsReadyAndSaysSo()
    {
        Tells(problem: "the login log cannot be read", use: null);

        await _reconciler.ReconcileAsync(Key, Token);

        JsonNode ready = StatusWritten()!["conditions"]![0]!;
        Assert.Equal("True", (string)ready["status"]!);
        Assert.Equal("The credential store can be read; the login log cannot be read", (string)ready["message"]!);
    }

    [Fact]
    public async Task Reconcile_OrphanPastItsGrace_EndsIfTheApiServerKnowsNoSuchDevice()
    {
        Holds([Snapshots.Slot("aaaaaa") with { Owner = new SlotOwner("cluster", "uid-gone") }]);
        Lists("uid-a");
        await _reconciler.ReconcileAsync(Key, Token);
        Assert.Equal((1, "uid-gone"), ((int)StatusWritten()!["orphanSlots"]!, (string)StatusWritten()!["orphans"]![0]!["deviceUid"]!));
        _target.Verify(static one => one.ApplyAsync(It.IsAny<SlotChange>(), It.IsAny<CancellationToken>()), Times.Never);

        _clock.Advance(OrphanSweep.DefaultGrace);
        await _reconciler.ReconcileAsync(Key, Token);

        _target.Verify(static one => one.ApplyAsync(
            It.Is<SlotChange>(static change => change.Owner.DeviceUid == "uid-gone" && change.Put.IsEmpty && change.Remove.Single() == "aaaaaa"),
            It.IsAny<CancellationToken>()));
        Assert.Equal(0, (int)StatusWritten()!["orphanSlots"]!);
    }

    [Fact]
    public async Task Reconcile_OrphanWhoseDeviceTheCacheHasNotSeenYet_Stays()
    {
        // Mutant: the cache alone is believed.
        Holds([Snapshots.Slot("aaaaaa") with { Owner = new SlotOwner("cluster", "uid-new") }]);
        Lists("uid-new");
        await _reconciler.ReconcileAsync(Key, Token);

        _clock.Advance(OrphanSweep.DefaultGrace);
        await _reconciler.ReconcileAsync(Key, Token);

        _target.Verify(static one => one.ApplyAsync(It.IsAny<SlotChange>(), It.IsAny<CancellationToken>()), Times.Never);
        Assert.Equal(0, (int)StatusWritten()!["orphanSlots"]!);
    }

    [Fact]
    public async Task Reconcile_SlotOfAnotherBackendsDevice_IsNoOrphan()
    {
        // Mutant: only this backend's devices live. Two MailBackends on one passwd-file would end each other's passwords.
        MailDevice others = Device("elsewhere");
        others.Metadata.Uid = "uid-elsewhere";
        others.Spec.BackendRef = new ObjectReference { Name = "another" };
        _devices.Put(others);
        Holds([Snapshots.Slot("aaaaaa") with { Owner = new SlotOwner("cluster", "uid-elsewhere") }]);

        await _reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(0, (int)StatusWritten()!["orphanSlots"]!);
    }

    [Fact]
    public async Task Reconcile_NearlyAllOrphans_AsksForAPersonsWord()
    {
        Holds([.. Enumerable.Range(0, 10).Select(static number => Snapshots.Slot($"gone{number:D2}") with { Owner = new SlotOwner("cluster", $"uid-{number}") })]);
        await _reconciler.ReconcileAsync(Key, Token);

        _clock.Advance(OrphanSweep.DefaultGrace);
        await _reconciler.ReconcileAsync(Key, Token);

        JsonNode held = StatusWritten()!["conditions"]![1]!;
        Assert.Equal(("OrphansHeld", "True"), ((string)held["type"]!, (string)held["status"]!));
        Assert.Contains("mailoperator.io/remove-orphans: \"10\"", (string)held["message"]!);
    }

    [Fact]
    public async Task Reconcile_New_GetsItsFinalizerFirst()
    {
        MailBackend fresh = Backend();
        fresh.Metadata.Finalizers = null;
        _backends.Put(fresh);

        await _reconciler.ReconcileAsync(Key, Token);

        Assert.Contains(Finalizers.InUse, _api.Requests[0].Body);
    }

    [Fact]
    public async Task Reconcile_DeletedInUse_StaysAndNamesAFewDevices()
    {
        foreach (int number in Enumerable.Range(1, 8))
        {
            _devices.Put(Device($"device-{number}"));
        }

        _backends.Put(Deleted());

        await _reconciler.ReconcileAsync(Key, Token);

        string message = (string)StatusWritten()!["conditions"]![0]!["message"]!;
        Assert.Contains("shop/device-1, shop/device-2", message);
        Assert.Contains("and 3 more", message);
        Assert.DoesNotContain(_api.Requests, static request => request.Body.Contains("\"remove\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reconcile_DeletedAndUnused_IsLetGo()
    {
        MailDevice without = Device("never-issued");
        without.Metadata.Finalizers = null; // nothing of it can be at the backend
        _devices.Put(without);
        _backends.Put(Deleted());

        await _reconciler.ReconcileAsync(Key, Token);

        Assert.Contains("\"remove\"", Assert.Single(_api.Requests).Body);
    }

    [Fact]
    public async Task Reconcile_Gone_IsDone() => Assert.Null((await _reconciler.ReconcileAsync(new ObjectKey("", "gone"), Token)).RequeueAfter);

    public void Dispose()
    {
        _events.Dispose();
        _metrics.Dispose();
        _deviceQueue.Dispose();
        _api.Dispose();
    }

    private void Holds(params Slot[] slots) =>
        _target.Setup(static one => one.ListAllAsync("cluster", It.IsAny<CancellationToken>())).ReturnsAsync(slots);

    private void Lists(string uid) => _api.Default = request => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
    {
        Content = new StringContent(request.RequestUri!.Query.Contains("limit=", StringComparison.Ordinal)
            ? new JsonObject { ["metadata"] = new JsonObject(), ["items"] = new JsonArray(new JsonObject { ["metadata"] = new JsonObject { ["uid"] = uid } }) }.ToJsonString()
            : "{}"),
    });

    private void Tells(string? problem, LastUse? use)
    {
        _target.SetupGet(static one => one.Capabilities).Returns(BackendCapabilities.List | BackendCapabilities.LastUse);
        _uses.Setup(static one => one.RefreshAsync(It.IsAny<IReadOnlySet<string>>(), It.IsAny<CancellationToken>())).ReturnsAsync(problem);
        _uses.Setup(static one => one.Find("shop/grafana")).Returns(use);
    }

    private static LastUse Use(DateTimeOffset time) => new() { Time = time, Address = "10.0.0.7", Protocol = MailProtocol.IMAP };

    private JsonNode? StatusWritten() => _api.Requests.LastOrDefault(static request => request.PathAndQuery.Contains("/status?", StringComparison.Ordinal)) is
    { Body: { } body }
        ? JsonNode.Parse(body)!.AsArray()[^1]!["value"]
        : null;

    private static MailBackend Backend() => new()
    {
        Metadata = new() { Name = "dovecot", Uid = "uid-backend", ResourceVersion = "1", Generation = 1, Finalizers = [Finalizers.InUse] },
        Spec = new MailBackendSpec { PasswdFile = new PasswdFileSpec { Path = "/a" } },
    };

    private static MailBackend Deleted()
    {
        MailBackend backend = Backend();
        backend.Metadata.DeletionTimestamp = Snapshots.Now.UtcDateTime;
        return backend;
    }

    private static MailDevice Device(string name) => new()
    {
        Metadata = new() { Name = name, NamespaceProperty = "shop", Uid = "uid-a", Finalizers = [Finalizers.Revocation] },
        Spec = new MailDeviceSpec { BackendRef = new ObjectReference { Name = "dovecot" }, Mailbox = "alerts@example.com" },
        Status = new MailDeviceStatus { Credentials = [new CredentialStatus { Id = "aaaaaa", State = CredentialState.Current }] },
    };
}
