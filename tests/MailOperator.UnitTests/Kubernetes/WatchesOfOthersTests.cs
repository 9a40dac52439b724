using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.UnitTests.MailDevices;
using static MailOperator.UnitTests.Kubernetes.WatchesRig;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>Which devices a change of a backend, a Secret or a Namespace calls for.</summary>
public sealed class WatchesOfOthersTests
{
    [Fact]
    public async Task Backend_Changed_IsAChangeOfItselfAndALookAtItsDevices()
    {
        // Mutant: wake every device of the cluster for each backend.
        await using WatchesRig rig = await WithDevicesAsync();

        string devices = await rig.WokenAsync(
            ApiGroup.MailBackends,
            () => rig.Backend("dovecot", static value => value["spec"]!["client"] = new JsonObject()));

        Assert.Equal("| shop/moved shop/own shop/unnamed", Sorted(devices));
        Assert.Equal("dovecot |", await rig.WokenAsync(backends: true));
    }

    [Fact]
    public async Task Backend_Deleted_WakesItsDevices()
    {
        await using WatchesRig rig = await WithDevicesAsync();

        string devices = await rig.WokenAsync(
            ApiGroup.MailBackends, () => rig.Store.Delete(ApiGroup.MailBackends, new ObjectKey("", "dovecot")));

        Assert.Equal("| shop/moved shop/own shop/unnamed", Sorted(devices));
    }

    [Fact]
    public async Task Backend_StatusWritten_WakesNobody()
    {
        // Mutant: any new version. The backend's count of devices would wake them all, and they the backend.
        await using WatchesRig rig = await WithDevicesAsync();

        string devices = await rig.WokenAsync(
            ApiGroup.MailBackends, () => rig.Backend(
                "dovecot", static value => value["status"] = new JsonObject { ["observedGeneration"] = 1 }));

        Assert.Equal("|", devices);
        Assert.Equal("|", await rig.WokenAsync(backends: true));
    }

    /// <summary>The mutants: it wakes nobody, or those that are Ready, or it does so with each status.</summary>
    [Fact]
    public async Task Backend_BecomesReady_WakesTheDevicesThatAreNot()
    {
        await using WatchesRig rig = await WithDevicesAsync();
        await rig.WokenAsync(ApiGroup.MailDevices, () =>
            rig.Device("own", static value => value["status"] = ReadyStatus("True", generation: 1)));

        Assert.Equal("|", await PublishAsync("False", 1));
        Assert.Equal(["shop/moved", "shop/unnamed", "|"], (await PublishAsync("True", 1)).Split(' ').OrderBy(
            static one => one == "|").ThenBy(static one => one, StringComparer.Ordinal));
        Assert.Equal("|", await PublishAsync("True", 2));

        Task<string> PublishAsync(string ready, int generation) => rig.WokenAsync(
            ApiGroup.MailBackends,
            () => rig.Backend("dovecot", value => value["status"] = ReadyStatus(ready, generation)));
    }

    [Fact]
    public async Task Secret_OfADeviceChanged_WakesIt()
    {
        await using WatchesRig rig = await WithDevicesAsync();
        PutSecret(rig, "named-otherwise", owner: "own");
        await rig.WokenAsync(ResourceType.Secrets, static () => { });

        string woken = await rig.WokenAsync(
            ResourceType.Secrets, () => PutSecret(rig, "named-otherwise", owner: "own"));

        Assert.Equal("shop/own |", woken);
    }

    [Theory]
    [InlineData("own", "shop/own |")] // an alien Secret in the way of a device's name, and out of the way again
    [InlineData("of-nobody", "|")]
    public async Task Secret_ComesAndGoes_WakesTheDeviceOfItsName(string name, string expected)
    {
        await using WatchesRig rig = await WithDevicesAsync();

        Assert.Equal(expected, await rig.WokenAsync(ResourceType.Secrets, () => PutSecret(rig, name)));
        Assert.Equal(expected, await rig.WokenAsync(
            ResourceType.Secrets, () => rig.Store.Delete(ResourceType.Secrets, new ObjectKey("shop", name))));
    }

    [Fact]
    public async Task Secret_OfThatNameInAnotherNamespace_WakesNobody()
    {
        await using WatchesRig rig = await WithDevicesAsync();

        string woken = await rig.WokenAsync(
            ResourceType.Secrets, () => rig.Store.Apply(ResourceType.Secrets, new ObjectKey("bank", "own")));

        Assert.Equal("|", woken);
    }

    [Fact]
    public async Task Secret_VersionThatWasWrittenByUs_IsNoNewsAndTheNextOneIs()
    {
        // Mutant: every version counts; each issued password costs another reconcile.
        await using WatchesRig rig = await WithDevicesAsync();
        PutSecret(rig, "own", owner: "own");
        await rig.WokenAsync(ResourceType.Secrets, static () => { });
        string uid = (string)rig.Store.Find(ApiGroup.MailDevices, new ObjectKey("shop", "own"))!["metadata"]!["uid"]!;
        string next = $"{rig.Store.Version + 1}";
        rig.Memory.Remember(uid, Snapshots.Secret with { ResourceVersion = next }, Snapshots.Desired);

        Assert.Equal("|", await rig.WokenAsync(ResourceType.Secrets, () => PutSecret(rig, "own", owner: "own")));
        Assert.Equal(
            "shop/own |", await rig.WokenAsync(ResourceType.Secrets, () => PutSecret(rig, "own", owner: "own")));
    }

    [Fact]
    public async Task Secret_ThatWeKnowDeleted_WakesItsDevice()
    {
        // Mutant: ask the memory for a deletion too; a deleted Secret is then never restored.
        await using WatchesRig rig = await WithDevicesAsync();
        string version = (string)PutSecret(rig, "own", owner: "own")["metadata"]!["resourceVersion"]!;
        await rig.WokenAsync(ResourceType.Secrets, static () => { });
        string uid = (string)rig.Store.Find(ApiGroup.MailDevices, new ObjectKey("shop", "own"))!["metadata"]!["uid"]!;
        rig.Memory.Remember(uid, Snapshots.Secret with { ResourceVersion = version }, Snapshots.Desired);

        string woken = await rig.WokenAsync(
            ResourceType.Secrets, () => rig.Store.Delete(ResourceType.Secrets, new ObjectKey("shop", "own")));

        Assert.Equal("shop/own |", woken);
    }

    [Fact]
    public async Task Namespace_LabelsChanged_LooksAgainAtItsDevices()
    {
        await using WatchesRig rig = await WithDevicesAsync();
        PutNamespace(rig, "shop", "team", "a");
        PutNamespace(rig, "bank", "team", "a");

        string woken = await rig.WokenAsync(Namespaces, () => PutNamespace(rig, "shop", "team", "b"));

        Assert.Equal("| shop/elsewhere shop/moved shop/own shop/unnamed", Sorted(woken));
        Assert.Equal("|", await rig.WokenAsync(Namespaces, () => PutNamespace(rig, "bank", "team", "b")));
    }

    [Fact]
    public async Task Namespace_BeginsToGo_LooksAgainAtItsDevices()
    {
        // Mutant: only labels count. A paused device that was deleted before its namespace was terminating stays for
        // ever.
        await using WatchesRig rig = await WithDevicesAsync();
        PutNamespace(rig, "shop", "team", "a");
        await rig.WokenAsync(Namespaces, static () => { });

        string woken = await rig.WokenAsync(Namespaces, () => rig.Store.Apply(
            Namespaces,
            new ObjectKey("", "shop"),
            static value =>
            {
                value["metadata"]!["finalizers"] = new JsonArray("kubernetes");
                value["metadata"]!["deletionTimestamp"] = "2026-11-24T12:00:00Z";
            }));

        Assert.Equal("| shop/elsewhere shop/moved shop/own shop/unnamed", Sorted(woken));
    }

    [Fact]
    public async Task Namespace_ChangedOtherwise_WakesNobody()
    {
        await using WatchesRig rig = await WithDevicesAsync();
        PutNamespace(rig, "shop", "team", "a");
        await rig.WokenAsync(Namespaces, static () => { });

        string woken = await rig.WokenAsync(Namespaces, () => rig.Store.Apply(
            Namespaces, new ObjectKey("", "shop"),
            static value => value["metadata"]!["annotations"] = new JsonObject { ["a"] = "1" }));

        Assert.Equal("|", woken);
    }

    /// <summary>
    /// A backend, and devices that name it, name none, name another, and were on it and name another.
    /// </summary>
    private static async Task<WatchesRig> WithDevicesAsync()
    {
        WatchesRig rig = await StartAsync();
        await rig.WokenAsync(ApiGroup.MailBackends, () => rig.Backend("dovecot"));
        await rig.WokenAsync(ApiGroup.MailDevices, () =>
        {
            rig.Device("own");
            rig.Device("unnamed", backend: null);
            rig.Device("elsewhere", backend: "other");
            rig.Device(
                "moved", static value => value["status"] = new JsonObject { ["backend"] = "dovecot" },
                backend: "other");
        });
        await rig.WokenLaterAsync();
        return rig;
    }

    private static JsonObject ReadyStatus(string status, int generation) => new()
    {
        ["observedGeneration"] = generation,
        ["conditions"] = new JsonArray(new JsonObject
        {
            ["type"] = ConditionTypes.Ready,
            ["status"] = status,
            ["reason"] = "Test",
            ["message"] = "",
            ["lastTransitionTime"] = "2026-11-24T12:00:00Z",
        }),
    };

    private static JsonObject PutSecret(WatchesRig rig, string name, string? owner = null) =>
        rig.Store.Apply(ResourceType.Secrets, new ObjectKey("shop", name), value =>
        {
            if (owner is not null)
            {
                value["metadata"]!["ownerReferences"] = new JsonArray(
                    new JsonObject { ["kind"] = "MailDevice", ["name"] = owner, ["uid"] = "u", ["apiVersion"] = "x" });
            }
        });

    private static void PutNamespace(WatchesRig rig, string name, string label, string text) =>
        rig.Store.Apply(
            Namespaces, new ObjectKey("", name),
            value => value["metadata"]!["labels"] = new JsonObject { [label] = text });

    private static string Sorted(string woken) =>
        string.Join(' ', woken.Split(' ').Order(StringComparer.Ordinal).OrderBy(static part => part != "|"));
}
