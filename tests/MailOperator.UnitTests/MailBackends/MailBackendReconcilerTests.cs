using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.UnitTests.MailDevices;
using Moq;

namespace MailOperator.UnitTests.MailBackends;

/// <summary>Whether a backend can be used, which devices are requeued, and when it may be deleted.</summary>
public sealed class MailBackendReconcilerTests : MailBackendRig
{
    [Fact]
    public async Task Reconcile_Reachable_IsReadyWithItsCapabilitiesAndDevices()
    {
        Devices.Put(Device("grafana"));

        ReconcileResult result = await Reconciler.ReconcileAsync(Key, Token);

        JsonNode status = StatusWritten()!;
        Assert.Equal(["Hash", "List"], status["capabilities"]!.AsArray().Select(static one => (string)one!));
        Assert.Equal((1, "True"), ((int)status["devices"]!, (string)status["conditions"]![0]!["status"]!));
        Assert.Equal(MailBackendReconciler.ProbeInterval, result.RequeueAfter);
    }

    [Fact]
    public async Task Reconcile_NothingNew_WritesNothing()
    {
        await Reconciler.ReconcileAsync(Key, Token);
        MailBackend seen = Backend();
        seen.Status = ApiJson.Deserialize<MailBackendStatus>(
            System.Text.Json.JsonSerializer.SerializeToElement(StatusWritten()));
        Backends.Put(seen);
        int before = Api.Requests.Count;
        Clock.Advance(TimeSpan.FromMinutes(1));

        await Reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(before, Api.Requests.Count);
    }

    [Theory]
    [InlineData(nameof(BackendFailure.Unavailable), Reasons.BackendUnavailable)]
    [InlineData(nameof(BackendFailure.Unauthorized), Reasons.BackendUnauthorized)]
    public async Task Reconcile_NotReachable_SaysWhyAndLooksAgain(string failure, string reason)
    {
        Target.Setup(static one => one.ListAllAsync("cluster", It.IsAny<CancellationToken>()))
            .ThrowsAsync(new MailBackendException(Enum.Parse<BackendFailure>(failure), "no way in"));

        ReconcileResult result = await Reconciler.ReconcileAsync(Key, Token);

        JsonNode ready = StatusWritten()!["conditions"]![0]!;
        Assert.Equal(
            ("False", reason, "no way in"),
            ((string)ready["status"]!, (string)ready["reason"]!, (string)ready["message"]!));
        Assert.NotNull(result.RequeueAfter);
    }

    [Fact]
    public async Task Reconcile_Busy_ReportsNothingAndTriesAgain()
    {
        Target.Setup(static one => one.ListAllAsync("cluster", It.IsAny<CancellationToken>()))
            .ThrowsAsync(new MailBackendException(BackendFailure.Busy, "busy"));

        ReconcileResult result = await Reconciler.ReconcileAsync(Key, Token);

        Assert.Null(StatusWritten());
        Assert.True(result.RequeueAfter < MailBackendReconciler.ProbeInterval);
    }

    [Fact]
    public async Task Reconcile_InvalidSpec_AsksNoBackend()
    {
        MailBackend invalid = Backend();
        invalid.Spec.PasswdFile!.Path = "bad";
        Backends.Put(invalid);

        await Reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(Reasons.InvalidSpec, (string)StatusWritten()!["conditions"]![0]!["reason"]!);
        Target.Verify(static one => one.ListAllAsync(It.IsAny<string>(), It.IsAny<CancellationToken>()), Times.Never);
    }

    [Theory]
    [InlineData(true, true, 0)]
    [InlineData(true, false, 1)] // a line was edited: the device corrects it
    [InlineData(false, true, 1)] // restored from a backup
    public async Task Reconcile_SlotMissingOrBroken_RequeuesItsDevice(bool isThere, bool isIntact, int requeued)
    {
        Devices.Put(Device("grafana"));
        Holds(isThere ? [Snapshots.Slot("aaaaaa") with { IsIntact = isIntact }] : []);

        await Reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(requeued, DeviceQueue.ReadyCount);
    }

    [Fact]
    public async Task Reconcile_New_GetsItsFinalizerFirst()
    {
        MailBackend fresh = Backend();
        fresh.Metadata.Finalizers = null;
        Backends.Put(fresh);

        await Reconciler.ReconcileAsync(Key, Token);

        Assert.Contains(Finalizers.InUse, Api.Requests[0].Body);
    }

    [Fact]
    public async Task Reconcile_DeletedInUse_StaysAndNamesAFewDevices()
    {
        foreach (int number in Enumerable.Range(1, 8))
        {
            Devices.Put(Device($"device-{number}"));
        }

        Backends.Put(Deleted());

        await Reconciler.ReconcileAsync(Key, Token);

        string message = (string)StatusWritten()!["conditions"]![0]!["message"]!;
        Assert.Contains("shop/device-1, shop/device-2", message);
        Assert.Contains("and 3 more", message);
        Assert.DoesNotContain(
            Api.Requests, static request => request.Body.Contains("\"remove\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reconcile_DeletedAndUnused_LosesItsFinalizer()
    {
        MailDevice without = Device("never-issued");
        without.Metadata.Finalizers = null; // it has nothing at the backend
        Devices.Put(without);
        Backends.Put(Deleted());

        await Reconciler.ReconcileAsync(Key, Token);

        Assert.Contains("\"remove\"", Assert.Single(Api.Requests).Body);
    }

    [Fact]
    public async Task Reconcile_Gone_IsDone() =>
        Assert.Null((await Reconciler.ReconcileAsync(new ObjectKey("", "gone"), Token)).RequeueAfter);

    [Theory]
    [InlineData("true", "true", ConditionTypes.DefaultConflict)]
    [InlineData("true", "false", null)]
    [InlineData("true", null, null)]
    [InlineData("false", "true", null)]
    [InlineData("yes", null, ConditionTypes.Ignored)] // the same habit as with mailoperator.io/paused
    public async Task Reconcile_MarkedAsDefault_SaysIfAnotherOneIsToo(string mark, string? other, string? expected)
    {
        // Mutant: the oldest wins silently. Half of the team would look for their devices at the other one.
        MailBackend backend = Backend();
        backend.Metadata.Annotations = Marked(mark);
        Backends.Put(backend);
        MailBackend second = Backend();
        (second.Metadata.Name, second.Metadata.Uid) = ("second", "uid-second");
        second.Metadata.Annotations = other is null ? null : Marked(other);
        Backends.Put(second);

        await Reconciler.ReconcileAsync(Key, Token);

        JsonArray conditions = StatusWritten()!["conditions"]!.AsArray();
        Assert.Equal(
            expected is null ? ["Ready"] : ["Ready", expected], conditions.Select(one => (string)one!["type"]!));
        if (expected == ConditionTypes.DefaultConflict)
        {
            Assert.Contains("dovecot, second", (string)conditions[1]!["message"]!);
        }
    }

    private static Dictionary<string, string> Marked(string value) => new() { [Annotations.IsDefaultBackend] = value };

    private static MailBackend Deleted()
    {
        MailBackend backend = Backend();
        backend.Metadata.DeletionTimestamp = Snapshots.Now.UtcDateTime;
        return backend;
    }
}
