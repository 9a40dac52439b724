using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Kubernetes;
using static MailOperator.UnitTests.Kubernetes.WatchesRig;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>A place that a device leaves is offered to those that wait for one.</summary>
public sealed class WatchesOfQuotasTests
{
    private static readonly ObjectKey Holder = new("shop", "a-has-it");
    private static readonly GrantSpec[] One = [new GrantSpec { MaxDevicesPerMailbox = 1 }];

    [Fact]
    public async Task Device_Gone_WakesTheOneThatWaits()
    {
        // Mutant: leave it to the next resync, which is hours away.
        await using WatchesRig rig = await WithOneThatWaitsAsync();

        string woken = await rig.WokenAsync(ApiGroup.MailDevices, () =>
        {
            rig.Quotas.Release((MailDevice)rig.Find(ApiGroup.MailDevices, Holder)!);
            rig.Store.Delete(ApiGroup.MailDevices, Holder);
        });

        Assert.Equal("shop/a-has-it shop/b-waits |", string.Join(
            ' ', woken.Split(' ').Order(StringComparer.Ordinal).Where(static key => key != "|").Append("|")));
        Assert.True(Ask(rig, "b-waits"));
    }

    [Fact]
    public async Task Device_GoneWithoutItsRevocation_WakesNobodyUntilItsBackendHasNothingLeft()
    {
        // Mutant: free the place. Whoever removes the finalizer would have a password more than the quota.
        await using WatchesRig rig = await WithOneThatWaitsAsync();

        string woken = await rig.WokenAsync(
            ApiGroup.MailDevices, () => rig.Store.Delete(ApiGroup.MailDevices, Holder));

        Assert.Equal("shop/a-has-it |", woken);
        Assert.False(Ask(rig, "b-waits"));
        rig.Quotas.Settle("dovecot", rig.Quotas.Mark(), []);
        Assert.True(Ask(rig, "b-waits"));
    }

    [Fact]
    public async Task Device_NamesAnotherBackendThanItsOwn_KeepsItsPlace()
    {
        // Mutant: count it where its spec says. The password at the other backend would be one more than the quota.
        await using WatchesRig rig = await WithOneThatWaitsAsync();

        await rig.WokenAsync(ApiGroup.MailDevices, () => rig.Device("a-has-it", static value =>
        {
            value["spec"]!["backendRef"] = new JsonObject { ["name"] = "other" };
            value["status"] = new JsonObject { ["backend"] = "dovecot" };
        }));

        Assert.False(Ask(rig, "b-waits"));
    }

    [Fact]
    public async Task Device_StatusWritten_WakesNobody()
    {
        await using WatchesRig rig = await WithOneThatWaitsAsync();

        string woken = await rig.WokenAsync(
            ApiGroup.MailDevices, () => rig.Device(
                "a-has-it", static value => value["status"] = new JsonObject { ["username"] = "a@example.com" }));

        Assert.Equal("|", woken);
    }

    [Fact]
    public async Task Default_IsAnotherBackend_CountsItsDevicesThere()
    {
        // Mutant: count a device for good at the backend that was the default when it came.
        await using WatchesRig rig = await StartAsync();
        await rig.WokenAsync(ApiGroup.MailBackends, () => rig.Backend("dovecot", Default("true")));
        await rig.WokenAsync(ApiGroup.MailDevices, () =>
        {
            rig.Device(
                "unnamed", static value => value["metadata"]!["finalizers"] = new JsonArray(Finalizers.Revocation),
                backend: null);
            rig.Device("named");
        });
        Assert.False(Ask(rig, "named"));

        await rig.WokenAsync(ApiGroup.MailBackends, () =>
        {
            rig.Backend("dovecot", Default("false"));
            rig.Backend("other", Default("true"));
        });

        Assert.True(Ask(rig, "named"));
    }

    private static async Task<WatchesRig> WithOneThatWaitsAsync()
    {
        WatchesRig rig = await StartAsync();
        await rig.WokenAsync(ApiGroup.MailBackends, () => rig.Backend("dovecot"));
        await rig.WokenAsync(ApiGroup.MailDevices, () =>
        {
            rig.Device("a-has-it");
            rig.Device("b-waits");
        });
        Assert.True(Ask(rig, "a-has-it"));
        Assert.False(Ask(rig, "b-waits"));
        return rig;
    }

    private static bool Ask(WatchesRig rig, string name) =>
        rig.Quotas.TryAdmit(
            (MailDevice)rig.Find(ApiGroup.MailDevices, new ObjectKey("shop", name))!, "dovecot", One, static _ => One);

    private static Action<JsonObject> Default(string value) =>
        backend => backend["metadata"]!["annotations"] = new JsonObject { [Annotations.IsDefaultBackend] = value };
}
