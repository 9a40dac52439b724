using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Kubernetes;
using static MailOperator.UnitTests.Kubernetes.WatchesRig;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>What users and devices have to tell each other.</summary>
public sealed class WatchesOfUsersTests
{
    [Fact]
    public async Task User_Changed_WakesTheirDevicesAsAChange()
    {
        // Mutant: the lane for resyncs. Whoever is stopped from sending would go on while ten thousand others are
        // looked at.
        await using WatchesRig rig = await WithDevicesAsync();

        string devices = await rig.WokenAsync(
            ApiGroup.MailUsers, () => rig.User("ada", static value => value["spec"]!["sending"] = "Denied"));

        Assert.Equal("shop/phone |", devices);
    }

    [Fact]
    public async Task User_MadeOrGone_WakesThoseThatNameThem()
    {
        await using WatchesRig rig = await WithDevicesAsync();

        Assert.Equal("shop/waits |", await rig.WokenAsync(ApiGroup.MailUsers, () => rig.User("bob")));
        Assert.Equal("shop/waits |", await rig.WokenAsync(
            ApiGroup.MailUsers, () => rig.Store.Delete(ApiGroup.MailUsers, new ObjectKey("shop", "bob"))));
    }

    [Fact]
    public async Task User_StatusWritten_WakesNobody()
    {
        await using WatchesRig rig = await WithDevicesAsync();

        string devices = await rig.WokenAsync(
            ApiGroup.MailUsers,
            () => rig.User("ada", static value => value["status"] = new JsonObject { ["observedGeneration"] = 1 }));

        Assert.Equal("|", devices);
        Assert.Equal("", await rig.WokenUsersLaterAsync());
    }

    [Fact]
    public async Task Device_NamesAnotherUser_HasBothCounted()
    {
        await using WatchesRig rig = await WithDevicesAsync();

        await rig.WokenAsync(
            ApiGroup.MailDevices,
            () => rig.Device("phone", static value => value["spec"]!["userRef"] = new JsonObject { ["name"] = "bob" }));

        Assert.Equal(
            "shop/ada shop/bob",
            string.Join(' ', (await rig.WokenUsersLaterAsync()).Split(' ').Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Device_Gone_HasItsUserCounted()
    {
        // Mutant: only devices that come. A user who is deleted would be held for ever.
        await using WatchesRig rig = await WithDevicesAsync();

        await rig.WokenAsync(
            ApiGroup.MailDevices, () => rig.Store.Delete(ApiGroup.MailDevices, new ObjectKey("shop", "phone")));

        Assert.Equal("shop/ada", await rig.WokenUsersLaterAsync());
    }

    [Fact]
    public async Task Device_ChangedOtherwise_HasNoUserCounted()
    {
        await using WatchesRig rig = await WithDevicesAsync();

        await rig.WokenAsync(
            ApiGroup.MailDevices, () => rig.Device("phone", static value => value["spec"]!["displayName"] = "Phone"));

        Assert.Equal("", await rig.WokenUsersLaterAsync());
    }

    [Fact]
    public async Task Device_SaysWhatIsEnforcedNow_HasItsUserLookedAtOnceInASecond()
    {
        // Mutants: statuses wake nobody, so that the user never learns that its devices follow; no delay, so that ten
        // thousand devices of one user wake it ten thousand times.
        await using WatchesRig rig = await WithDevicesAsync();

        await rig.WokenAsync(ApiGroup.MailDevices, () =>
        {
            foreach (int generation in Enumerable.Range(1, 20))
            {
                rig.Device("phone", value => value["status"] = Status(enforced: generation));
            }
        });

        Assert.Equal("", await rig.WokenUsersNowAsync());
        Assert.Equal("shop/ada", await rig.WokenUsersLaterAsync());
    }

    [Theory]
    [InlineData(ConditionTypes.RevocationPending)]
    [InlineData(ConditionTypes.Suspended)]
    [InlineData(ConditionTypes.Ready)]
    public async Task Device_HasNewsOfAnEnd_HasItsUserLookedAt(string type)
    {
        await using WatchesRig rig = await WithDevicesAsync();

        await rig.WokenAsync(
            ApiGroup.MailDevices, () => rig.Device("phone", value => value["status"] = Status(1, type)));

        Assert.Equal("shop/ada", await rig.WokenUsersLaterAsync());
    }

    [Fact]
    public async Task Device_LoginSeen_HasNoUserLookedAt() // mutant: every status; each login would wake a user
    {
        await using WatchesRig rig = await WithDevicesAsync();

        await rig.WokenAsync(
            ApiGroup.MailDevices,
            () => rig.Device("phone", static value => value["status"] = new JsonObject
            {
                ["lastUse"] = new JsonObject { ["time"] = "2026-01-01T00:00:00Z" },
            }));

        Assert.Equal("", await rig.WokenUsersLaterAsync());
    }

    private static JsonObject Status(int enforced, string? condition = null) => new()
    {
        ["enforcedUser"] = new JsonObject { ["generation"] = enforced },
        ["conditions"] = condition is null
            ? []
            : new JsonArray(new JsonObject
            {
                ["type"] = condition,
                ["status"] = condition == ConditionTypes.Ready ? "False" : "True",
                ["reason"] = Reasons.UserSuspended,
                ["message"] = "It is so",
            }),
    };

    private static async Task<WatchesRig> WithDevicesAsync()
    {
        WatchesRig rig = await StartAsync();
        await rig.WokenAsync(ApiGroup.MailUsers, () => rig.User("ada"));
        await rig.WokenAsync(ApiGroup.MailDevices, () =>
        {
            rig.Device("phone", static value => value["spec"]!["userRef"] = new JsonObject { ["name"] = "ada" });
            rig.Device("waits", static value => value["spec"]!["userRef"] = new JsonObject { ["name"] = "bob" });
            rig.Device("nobodys");
        });
        await rig.WokenUsersLaterAsync();
        return rig;
    }
}
