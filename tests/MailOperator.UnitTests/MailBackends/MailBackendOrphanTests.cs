using System.Net;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.UnitTests.MailDevices;
using Moq;

namespace MailOperator.UnitTests.MailBackends;

/// <summary>Slots at a backend whose device is gone.</summary>
public sealed class MailBackendOrphanTests : MailBackendRig
{
    [Fact]
    public async Task Reconcile_OrphanPastItsGrace_EndsIfTheApiServerHasNoSuchDevice()
    {
        Holds([Snapshots.Slot("aaaaaa") with { Owner = new SlotOwner("cluster", "uid-gone") }]);
        Lists("uid-a");
        await Reconciler.ReconcileAsync(Key, Token);
        Assert.Equal(
            (1, "uid-gone"),
            ((int)StatusWritten()!["orphanSlots"]!, (string)StatusWritten()!["orphans"]![0]!["deviceUid"]!));
        Target.Verify(static one => one.ApplyAsync(It.IsAny<SlotChange>(), It.IsAny<CancellationToken>()), Times.Never);

        Clock.Advance(OrphanMemory.DefaultGrace);
        await Reconciler.ReconcileAsync(Key, Token);

        Target.Verify(static one => one.ApplyAsync(
            It.Is<SlotChange>(static change =>
                change.Owner.DeviceUid == "uid-gone" && change.Put.IsEmpty && change.Remove.Single() == "aaaaaa"),
            It.IsAny<CancellationToken>()));
        Assert.Equal(0, (int)StatusWritten()!["orphanSlots"]!);
    }

    [Theory]
    [InlineData("Revoke", "other@example.com", true, true)]
    [InlineData("Revoke", "other@example.com", false, false)] // it may be of a cluster with the same instance name
    [InlineData("Revoke", "*@example.com", true, false)]
    [InlineData("Keep", "other@example.com", true, false)]
    public async Task Reconcile_OrphanWithoutAGrant_EndsAtOnceUnderRevokeIfItsDeviceWasSeen(
        string withdrawn, string granted, bool wasSeen, bool ends)
    {
        // Mutants: wait for the grace; end what was never seen.
        MailBackend backend = Backend();
        backend.Spec.GrantWithdrawn = Enum.Parse<GrantWithdrawal>(withdrawn);
        backend.Spec.Grants = [new GrantSpec { Mailboxes = [granted] }];
        Backends.Put(backend);
        Service<ObjectStore<NamespaceMetadata>>().Put(new NamespaceMetadata { Metadata = new() { Name = "shop" } });
        if (wasSeen)
        {
            Service<SeenDevices>().Add("uid-gone");
        }

        Holds([Snapshots.Slot("aaaaaa") with { Owner = new SlotOwner("cluster", "uid-gone") }]);
        Lists("uid-a");

        await Reconciler.ReconcileAsync(Key, Token);

        Target.Verify(
            static one => one.ApplyAsync(It.IsAny<SlotChange>(), It.IsAny<CancellationToken>()),
            ends ? Times.Once : Times.Never);
    }

    [Fact]
    public async Task Reconcile_OrphanWhoseDeviceTheCacheHasNotSeenYet_Stays()
    {
        // Mutant: trust the cache alone.
        Holds([Snapshots.Slot("aaaaaa") with { Owner = new SlotOwner("cluster", "uid-new") }]);
        Lists("uid-new");
        await Reconciler.ReconcileAsync(Key, Token);

        Clock.Advance(OrphanMemory.DefaultGrace);
        await Reconciler.ReconcileAsync(Key, Token);

        Target.Verify(static one => one.ApplyAsync(It.IsAny<SlotChange>(), It.IsAny<CancellationToken>()), Times.Never);
        Assert.Equal(0, (int)StatusWritten()!["orphanSlots"]!);
    }

    [Fact]
    public async Task Reconcile_SlotOfAnotherBackendsDevice_IsNoOrphan()
    {
        // Mutant: count only this backend's devices. Two MailBackends on one passwd-file would remove each other's
        // passwords.
        MailDevice others = Device("elsewhere");
        others.Metadata.Uid = "uid-elsewhere";
        others.Spec.BackendRef = new ObjectReference { Name = "another" };
        Devices.Put(others);
        Holds([Snapshots.Slot("aaaaaa") with { Owner = new SlotOwner("cluster", "uid-elsewhere") }]);

        await Reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(0, (int)StatusWritten()!["orphanSlots"]!);
    }

    [Fact]
    public async Task Reconcile_NearlyAllOrphans_AsksForConfirmation()
    {
        Holds([.. Enumerable.Range(0, 10).Select(static number =>
            Snapshots.Slot($"gone{number:D2}") with { Owner = new SlotOwner("cluster", $"uid-{number}") })]);
        await Reconciler.ReconcileAsync(Key, Token);

        Clock.Advance(OrphanMemory.DefaultGrace);
        await Reconciler.ReconcileAsync(Key, Token);

        JsonNode blocked = StatusWritten()!["conditions"]![1]!;
        Assert.Equal(("OrphansHeld", "True"), ((string)blocked["type"]!, (string)blocked["status"]!));
        Assert.Contains("mailoperator.io/remove-orphans: \"shop=10\"", (string)blocked["message"]!);
    }

    private void Lists(string uid) =>
        Api.Default = request => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new StringContent(request.RequestUri!.Query.Contains("limit=", StringComparison.Ordinal)
                ? new JsonObject
                {
                    ["metadata"] = new JsonObject(),
                    ["items"] = new JsonArray(new JsonObject { ["metadata"] = new JsonObject { ["uid"] = uid } }),
                }.ToJsonString()
                : "{}"),
        });
}
