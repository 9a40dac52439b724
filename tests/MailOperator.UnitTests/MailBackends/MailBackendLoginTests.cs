using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.UnitTests.MailDevices;
using Moq;

namespace MailOperator.UnitTests.MailBackends;

/// <summary>The logins that a backend reports, and the devices that they requeue.</summary>
public sealed class MailBackendLoginTests : MailBackendRig
{
    [Theory]
    [InlineData(null, 1)]
    [InlineData(59, 0)] // minutes since the one that is shown
    [InlineData(60, 1)]
    public async Task Reconcile_DeviceLoggedIn_IsRequeuedOnceAnHour(int? minutes, int requeued)
    {
        MailDevice device = Device("grafana");
        device.Status!.LastUse = minutes is { } ago ? Use(Snapshots.Now.AddMinutes(-ago)) : null;
        Devices.Put(device);
        Holds(Snapshots.Slot("aaaaaa"));
        Tells(problem: null, Use(Snapshots.Now));

        await Reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(requeued, DeviceQueue.ReadyCount);
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData(59, 0)] // minutes after the one shown
    [InlineData(60, 1)]
    public async Task Reconcile_SlotReportsALogin_RequeuesTheDeviceWhoseStatusIsBehind(int? minutes, int requeued)
    {
        // Mutant: do not requeue. The login would be shown only when something else requeues the device.
        MailDevice device = Device("grafana");
        device.Status!.LastUse = Use(Snapshots.Now);
        Devices.Put(device);
        Holds(Snapshots.Slot("aaaaaa") with
        {
            Owner = new SlotOwner("cluster", "uid-a"),
            LastUsedAt = minutes is { } later ? Snapshots.Now.AddMinutes(later) : null,
        });
        Target.SetupGet(static one => one.DeclaredCapabilities)
            .Returns(BackendCapabilities.List | BackendCapabilities.LastUse);

        await Reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(requeued, DeviceQueue.ReadyCount);
    }

    [Fact]
    public async Task Reconcile_LoginLogCannotBeRead_IsReadyAndSaysSo()
    {
        Tells(problem: "the login log cannot be read", use: null);

        await Reconciler.ReconcileAsync(Key, Token);

        JsonNode ready = StatusWritten()!["conditions"]![0]!;
        Assert.Equal("True", (string)ready["status"]!);
        Assert.Equal("The credential store can be read; the login log cannot be read", (string)ready["message"]!);
    }

    private void Tells(string? problem, LastUse? use)
    {
        Target.SetupGet(static one => one.Uses).Returns(Uses.Object);
        Uses.Setup(static one => one.RefreshAsync(It.IsAny<IReadOnlySet<string>>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(problem);
        Uses.Setup(static one => one.Find("shop/grafana")).Returns(use);
    }

    private static LastUse Use(DateTimeOffset time) =>
        new() { Time = time, Address = "10.0.0.7", Protocol = MailProtocol.IMAP };
}
