using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.UnitTests.MailDevices;
using static MailOperator.UnitTests.Kubernetes.WatchesRig;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>"a | b": a is woken as a change, b is merely looked at again; "|": nobody is woken.</summary>
public sealed class DeviceWatchesTests
{
    private static readonly ObjectKey Key = new("shop", "grafana");

    [Fact]
    public async Task Start_DevicesThatWereThere_AreLookedAtAgainBehindWhatPeopleChange()
    {
        // Mutant: take the first list for changes; after a restart a new device waits behind ten thousand old ones.
        await using WatchesRig rig = await StartAsync(static store =>
        {
            store.Apply(ApiGroup.MailDevices, Key);
            store.Apply(ApiGroup.MailBackends, new ObjectKey("", "dovecot"));
        });

        Assert.Equal("| shop/grafana", await rig.WokenAsync());
        Assert.Equal("dovecot |", await rig.WokenAsync(backends: true));
    }

    [Theory]
    [InlineData("spec")]
    [InlineData("annotation")] // mutant: look at the generation alone; a rotate token is never seen
    [InlineData("changed annotation")]
    [InlineData("removed annotation")]
    [InlineData("finalizer")]
    [InlineData("deleted, held by a finalizer")] // mutant: wait for DELETED, which comes only after the clean-up
    [InlineData("deleted")]
    [InlineData("made anew")]
    [InlineData("lost status")]
    [InlineData("no longer fits")]
    public async Task Device_SomebodyChangesIt_IsWokenAsAChange(string what)
    {
        await using WatchesRig rig = await StartAsync();
        rig.Device("grafana", value =>
        {
            value["metadata"]!["annotations"] = new JsonObject { ["a"] = "1" };
            // Without one before, what no longer fits is not also a status that was lost.
            value["status"] = what == "no longer fits" ? null : new JsonObject { ["conditions"] = new JsonArray() };
        });
        if (what == "deleted, held by a finalizer")
        {
            rig.Device("grafana", static value => value["metadata"]!["finalizers"] = new JsonArray("held"));
        }

        await rig.WokenAsync(ApiGroup.MailDevices, static () => { });

        string woken = await rig.WokenAsync(ApiGroup.MailDevices, () => Change(rig, what));

        Assert.Equal("shop/grafana |", woken);
    }

    [Theory]
    [InlineData("status")] // mutant: any new version; each write of a status calls for the next one
    [InlineData("label")]
    [InlineData("nothing")]
    public async Task Device_OwnWriteOrNothingOfNote_WakesNobody(string what)
    {
        await using WatchesRig rig = await StartAsync();
        rig.Device("grafana", static value => value["metadata"]!["annotations"] = new JsonObject { ["a"] = "1" });
        rig.Backend("dovecot");
        await rig.WokenAsync(ApiGroup.MailBackends, static () => { });
        await rig.WokenAsync(ApiGroup.MailDevices, static () => { });
        await rig.WokenLaterAsync();

        string woken = await rig.WokenAsync(ApiGroup.MailDevices, () => rig.Device("grafana", value =>
        {
            switch (what)
            {
                case "status":
                    value["status"] = new JsonObject { ["username"] = "u" };
                    break;
                case "label":
                    value["metadata"]!["labels"] = new JsonObject { ["team"] = "b" };
                    break;
                default:
                    break;
            }
        }));

        Assert.Equal("|", woken);
        Assert.Equal("|", await rig.WokenLaterAsync()); // and no backend counts its devices for that
    }

    [Fact]
    public async Task Device_ManyComeAndGo_WakeTheBackendOnceAndLater()
    {
        // Mutant: at once and for each; a thousand devices applied together are counted a thousand times.
        await using WatchesRig rig = await StartAsync();
        await rig.WokenAsync(ApiGroup.MailBackends, () => rig.Backend("dovecot"));
        string atOnce = await rig.WokenAsync(
            ApiGroup.MailDevices,
            () =>
            {
                for (int number = 0; number < 20; number++)
                {
                    rig.Device($"d{number}");
                }

                rig.Store.Delete(ApiGroup.MailDevices, new ObjectKey("shop", "d3"));
            },
            backends: true);
        Assert.Equal("|", atOnce);

        Assert.Equal("dovecot", await rig.WokenLaterAsync());
    }

    [Fact]
    public async Task Device_Gone_IsForgottenWithItsSecret()
    {
        await using WatchesRig rig = await StartAsync();
        string uid = (string)rig.Device("grafana")["metadata"]!["uid"]!;
        rig.Memory.Remember(uid, Snapshots.Secret, Snapshots.Desired);

        await rig.WokenAsync(ApiGroup.MailDevices, () => rig.Store.Delete(ApiGroup.MailDevices, Key));

        Assert.False(rig.Memory.Knows(uid, Snapshots.Secret.ResourceVersion));
    }

    private static void Change(WatchesRig rig, string what)
    {
        switch (what)
        {
            case "deleted" or "deleted, held by a finalizer":
                rig.Store.Delete(ApiGroup.MailDevices, Key);
                return;
            case "made anew":
                rig.Store.Delete(ApiGroup.MailDevices, Key);
                rig.Device("grafana");
                return;
            default:
                break;
        }

        rig.Device("grafana", value =>
        {
            JsonObject metadata = value["metadata"]!.AsObject();
            switch (what)
            {
                case "spec":
                    value["spec"]!["displayName"] = "G";
                    break;
                case "annotation":
                    metadata["annotations"]!["b"] = "1";
                    break;
                case "changed annotation":
                    metadata["annotations"]!["a"] = "2";
                    break;
                case "removed annotation":
                    metadata.Remove("annotations");
                    break;
                case "finalizer":
                    metadata["finalizers"] = new JsonArray("x");
                    break;
                case "lost status":
                    value["status"] = new JsonObject { ["observedGeneration"] = -1 }; // what the server puts there
                    break;
                default:
                    value["status"] = "poison"; // by status alone, so that the generation stays
                    break;
            }
        });
    }
}
