using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.UnitTests.MailDevices.CrashPoints;
using static MailOperator.UnitTests.DeviceInvitations.InvitedWorld;

namespace MailOperator.UnitTests.DeviceInvitations;

/// <summary>
/// Whoever has the portal's token may write the whole status of an invitation, and nothing else. Once an invitation has
/// ended, nothing that they write there makes a device.
/// </summary>
public sealed class StolenPortalTests
{
    private static readonly Dictionary<string, Func<SimulatedOperator, World, Task>> Ends = new()
    {
        ["expired"] = static async (one, world) =>
        {
            await one.RunForAsync(TimeSpan.FromDays(31));
            Assert.Equal("Expired", Reason(world));
        },
        ["expired while no operator ran"] = static (_, world) =>
        {
            world.Clock.Advance(TimeSpan.FromDays(31));
            return Task.CompletedTask;
        },
        ["used, and its device deleted"] = static async (one, world) =>
        {
            world.Claim(Hers, isChosen: false);
            await one.RunForAsync(TimeSpan.FromHours(1));
            Assert.Equal("True", ObjectFields.Condition(world.Invitation!["status"], ConditionTypes.Claimed));
            world.Cluster.Delete("maildevices", World.DeviceKey);
            await one.RunForAsync(TimeSpan.FromHours(1));
        },
        ["used, and its device deleted before the mail system had the password"] = static async (one, world) =>
        {
            world.IsGrantRevoked = true;
            world.Claim(Hers, isChosen: false);
            await one.RunForAsync(TimeSpan.FromHours(1));
            world.Cluster.Delete("maildevices", World.DeviceKey);
            world.IsGrantRevoked = false;
            await one.RunForAsync(TimeSpan.FromHours(1));
        },
        ["refused"] = static async (one, world) =>
        {
            world.Claim(Hers, isChosen: false);
            Rewrite(world, static status => status["claim"]!["hash"] = "{PLAIN}secret");
            await one.RunForAsync(TimeSpan.FromHours(1));
            Assert.Equal(Reasons.ClaimRefused, Reason(world));
        },
    };

    // The status as it was when the link was open, and as it is now, to the status that they write.
    private static readonly Dictionary<string, Func<JsonObject, JsonObject, JsonObject>> Forgeries = new()
    {
        ["a claim that is dated back"] = static (_, now) => With(now, Claim("2026-11-24T12:00:30Z")),
        ["a claim of this moment"] = static (_, now) => With(now, Claim("2027-01-24T12:00:00Z")),
        ["the status of the open link with a claim"] = static (open, _) => With(open, Claim("2026-11-24T12:00:30Z")),
        ["no device and no conditions, with a claim"] = static (_, now) =>
        {
            now.Remove("deviceRef");
            now.Remove("conditions");
            now.Remove("claimedAt");
            return With(now, Claim("2026-11-24T12:00:30Z"));
        },
        ["nothing but a claim"] = static (_, _) => With([], Claim("2026-11-24T12:00:30Z")),
        ["nothing"] = static (_, _) => [],
        ["the status of the open link"] = static (open, _) => open,
        ["the open link with a token of theirs"] = static (open, _) =>
        {
            open["tokenHash"] = new string('a', 64);
            return With(open, Claim("2026-11-24T12:00:30Z"));
        },
        ["the person's claim with another hash"] = static (open, now) =>
        {
            JsonObject claim = Claim("2026-11-24T12:00:30Z");
            claim["id"] = "claim-1";
            claim["selector"] = Hers[..6];
            open["deviceRef"] = now["deviceRef"]?.DeepClone();
            return With(open, claim);
        },
        ["a device that was never made"] = static (open, _) =>
        {
            open["deviceRef"] = new JsonObject { ["name"] = World.DeviceKey.Name, ["uid"] = "uid-maildevices-9" };
            return With(open, Claim("2026-11-24T12:00:30Z"));
        },
        ["a claim of a typed password"] = static (open, _) =>
        {
            JsonObject claim = Claim("2026-11-24T12:00:30Z");
            claim["isChosen"] = true;
            return With(open, claim);
        },
    };

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string end in Ends.Keys)
            {
                foreach (string forgery in Forgeries.Keys)
                {
                    cases.Add(end, forgery);
                }
            }

            return cases;
        }
    }

    public static TheoryData<string> States => [.. Ends.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task EndedInvitation_StatusForged_MakesNoDevice(string end, string forgery)
    {
        // Mutants: believe claim.at; believe a missing deviceRef; forget the record of an end.
        (World world, JsonObject open) = await EndedAsync(end);

        await ForgeAsync(world, open, forgery);

        AssertNothing(world, forgery);
    }

    [Theory]
    [MemberData(nameof(States))]
    public async Task EndedInvitation_OneForgeryAfterAnother_MakesNoDevice(string end)
    {
        // Mutant: a forged status makes the operator write another record, which the next forgery fits.
        (World world, JsonObject open) = await EndedAsync(end);

        foreach (string forgery in Forgeries.Keys.Concat(Forgeries.Keys.Reverse()))
        {
            await ForgeAsync(world, open, forgery);
            AssertNothing(world, forgery);
        }
    }

    [Fact]
    public async Task UsedInvitation_StatusEmptied_IsPutRightFromTheRecord()
    {
        // Mutant: the status is made from the status. It would say that nobody has claimed.
        World world = await InvitedAsync();
        using var one = await StartedAsync(world);
        world.Claim(Hers, isChosen: false);
        await one.RunForAsync(TimeSpan.FromHours(1));
        string before = Told(world);

        Rewrite(world, static status => status.Clear());
        one.Wake();
        await one.RunForAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(before, Told(world));

        static string Told(World world)
        {
            JsonNode status = world.Invitation!["status"]!;
            return $"{ObjectFields.Condition(status, ConditionTypes.Claimed)} {status["claimedAt"]} "
                + $"{status["deviceRef"]?.ToJsonString()} {status["claim"]?["id"]} {status["claim"]?["hash"]}";
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OpenInvitation_StatusSaysClaimed_IsNotSaidToBeClaimed(bool namesDevice)
    {
        // Mutant: deviceRef is carried over from the status. It would name a device that nobody has seen.
        World world = await InvitedAsync();
        using var one = await StartedAsync(world);
        Rewrite(world, status =>
        {
            status["conditions"] = new JsonArray(Condition("Ready", "True"), Condition("Claimed", "True"));
            status["deviceRef"] = namesDevice
                ? new JsonObject { ["name"] = World.DeviceKey.Name, ["uid"] = "uid-maildevices-9" }
                : null;
        });

        one.Wake();
        await one.RunForAsync(TimeSpan.FromHours(1));

        Assert.NotEqual("True", ObjectFields.Condition(world.Invitation!["status"], ConditionTypes.Claimed));
        Assert.Null(world.Invitation["status"]!["deviceRef"]);
        Assert.Empty(world.Cluster.All("maildevices"));
    }

    private static async Task<(World World, JsonObject Open)> EndedAsync(string end)
    {
        World world = await InvitedAsync();
        var open = (JsonObject)world.Invitation!["status"]!.DeepClone();
        using var one = await StartedAsync(world);
        await Ends[end](one, world);
        Assert.Empty(world.Cluster.All("maildevices"));
        return (world, open);
    }

    // Another process of the operator: it knows nothing but what the objects say.
    private static async Task ForgeAsync(World world, JsonObject open, string forgery)
    {
        Rewrite(world, status =>
        {
            JsonObject forged = Forgeries[forgery]((JsonObject)open.DeepClone(), (JsonObject)status.DeepClone());
            status.Clear();
            foreach ((string name, JsonNode? value) in forged)
            {
                status[name] = value?.DeepClone();
            }
        });
        using var one = await StartedAsync(world);
        one.Wake();
        await one.RunForAsync(TimeSpan.FromHours(1));
    }

    private static void AssertNothing(World world, string forgery)
    {
        Assert.True(world.Cluster.All("maildevices").Count == 0, $"{forgery}: a device was made");
        Assert.Empty(world.Slots.Of(World.Owner));
        Assert.Null(world.Invitation!["status"]!["claim"]?["hash"]);
        Assert.NotEqual(Reasons.LinkReady, Reason(world));
        Assert.NotNull(Record(world));
    }

    private static JsonObject With(JsonObject status, JsonObject claim)
    {
        status["claim"] = claim;
        return status;
    }

    private static JsonObject Condition(string type, string status) => new()
    {
        ["type"] = type,
        ["status"] = status,
        ["reason"] = "Claimed",
        ["message"] = "m",
        ["lastTransitionTime"] = "2026-11-24T12:00:00Z",
    };
}
