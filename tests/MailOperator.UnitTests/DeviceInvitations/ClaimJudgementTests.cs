using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.UnitTests.MailDevices.CrashPoints;
using static MailOperator.UnitTests.DeviceInvitations.InvitedWorld;

namespace MailOperator.UnitTests.DeviceInvitations;

/// <summary>Which claim is taken, that no other takes its place, and what becomes of the record.</summary>
public sealed class ClaimJudgementTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AcceptedClaim_ReplacedBeforeItWasIssued_IsNotIssued(bool hasDevice)
    {
        // Mutant: take the hash from the status, whatever was accepted.
        World world = await InvitedAsync();
        using var one = await StartedAsync(world);
        Hold(world, hasDevice, isHeld: true);
        world.Claim(Hers, isChosen: false);
        await one.RunForAsync(TimeSpan.FromHours(1));
        Assert.NotNull(Record(world)!["hashDigest"]);

        Rewrite(world, static status => status["claim"]!["hash"] = Hash(Theirs));
        one.Wake();
        await one.RunForAsync(TimeSpan.FromMinutes(5));
        Hold(world, hasDevice, isHeld: false);
        one.Wake();
        await one.RunForAsync(TimeSpan.FromHours(1));

        Assert.Empty(world.Slots.Of(World.Owner));
        Assert.Equal(Reasons.ClaimRefused, Reason(world));
        Assert.Equal(hasDevice ? 1 : 0, world.Cluster.All("maildevices").Count);
    }

    [Fact]
    public async Task IssuedClaim_ReplacedInTheStatus_ChangesNoPassword()
    {
        // Mutant: take the hash from the status, whatever was accepted. A tenant who deletes the Secret would then
        // make the operator issue their password.
        World world = await InvitedAsync();
        using var one = await StartedAsync(world);
        world.Claim(Hers, isChosen: false);
        await one.RunForAsync(TimeSpan.FromHours(1));
        string issued = Assert.Single(world.Slots.Of(World.Owner)).Hash!;

        foreach (bool isSameClaim in (bool[])[true, false])
        {
            Rewrite(world, status =>
            {
                JsonObject claim = Claim("2026-11-24T12:00:30Z");
                claim["id"] = isSameClaim ? "claim-1" : "claim-2";
                claim["selector"] = isSameClaim ? Hers[..6] : Theirs[..6];
                status["claim"] = claim;
            });
            world.Cluster.Delete("secrets", World.DeviceKey);
            await one.RunForAsync(TimeSpan.FromHours(1));
        }

        Assert.Equal(issued, Assert.Single(world.Slots.Of(World.Owner)).Hash);
        Assert.Equal(
            issued,
            ObjectFields.Text(world.Cluster.Find("secrets", World.DeviceKey)!["data"] as JsonObject, "hash"));
    }

    [Fact]
    public async Task Claim_WithACheapHash_IsRefused_AndOneAtTheWorkFactorIsTaken()
    {
        // Mutant: any bcrypt hash will do. Whoever reads the backend's file could try passwords 64 times as fast.
        foreach ((int cost, string reason) in ((int, string)[])[(9, Reasons.ClaimRefused), (10, Reasons.Claimed)])
        {
            World world = await InvitedAsync();
            using var one = await StartedAsync(world);
            one.EditBackend(static spec => spec["hashing"] = null); // the default of 10
            await one.RunForAsync(TimeSpan.FromMinutes(1));
            world.Claim(Hers, isChosen: false);
            Rewrite(world, status => status["claim"]!["hash"] = Hash(Hers, cost));

            await one.RunForAsync(TimeSpan.FromHours(1));

            Assert.Equal((cost, reason), (cost, Reason(world)));
            Assert.Equal(cost < 10 ? 0 : 1, world.Slots.Of(World.Owner).Count);
        }
    }

    [Fact]
    public async Task Claim_InTime_IsTakenHoweverThePortalsClockIsSet()
    {
        // Mutant: judge claim.at. A portal whose clock is ahead would lose people's passwords.
        World world = await InvitedAsync();
        using var one = await StartedAsync(world);
        world.Claim(Hers, isChosen: false);
        Rewrite(world, static status => status["claim"]!["at"] = "2027-12-24T12:00:00Z");

        await one.RunForAsync(TimeSpan.FromHours(1));

        Assert.Equal(Reasons.Claimed, Reason(world));
        Assert.StartsWith("2026-11-24", world.Invitation!["status"]!["claimedAt"]!.GetValue<string>());
    }

    [Fact]
    public async Task Record_RemovedByATenant_IsMadeAgainFromWhatIsThere()
    {
        // Mutant: without a record every status is believed, or the device counts as another's.
        World world = await InvitedAsync();
        using var one = await StartedAsync(world);
        world.Claim(Hers, isChosen: false);
        await one.RunForAsync(TimeSpan.FromHours(1));

        const string Anothers = """{"uid":"uid-of-another","at":"2026-11-24T12:00:00Z"}""";
        foreach (string? junk in (string?[])[null, "", "{", "[]", Anothers])
        {
            world.Cluster.Edit("deviceinvitations", World.InvitationKey, invitation =>
                invitation["metadata"]!["annotations"] = new JsonObject { [Annotations.ClaimRecord] = junk });
            await one.RunForAsync(TimeSpan.FromHours(1));
            Assert.Equal(
                (World.Owner.DeviceUid, Reasons.Claimed),
                (Record(world)!["device"]!.GetValue<string>(), Reason(world)));
        }

        world.Cluster.Delete("maildevices", World.DeviceKey);
        await one.RunForAsync(TimeSpan.FromHours(1));
        world.Cluster.Edit("deviceinvitations", World.InvitationKey, static invitation =>
            invitation["metadata"]!.AsObject().Remove("annotations"));
        await one.RunForAsync(TimeSpan.FromHours(1));

        Assert.Equal(nameof(ClaimEnd.Unrecorded), Record(world)!["end"]!.GetValue<string>());
        Assert.Empty(world.Cluster.All("maildevices"));
    }

    [Fact]
    public async Task Record_Refused_IsSaidAndNothingIsCreated()
    {
        // Mutant: create the device all the same. Without its record it could be made twice.
        World world = await InvitedAsync();
        using var one = await StartedAsync(world);
        world.Cluster.IsForbidden = IsTheInvitation;
        world.Claim(Hers, isChosen: false);

        await one.RunForAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(Reasons.DeviceRefused, Reason(world));
        Assert.Empty(world.Cluster.All("maildevices"));
        world.Cluster.IsForbidden = static _ => false;
        await one.RunForAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(Reasons.Claimed, Reason(world));
    }

    [Fact]
    public async Task RecordOfTheEnd_Refused_HoldsBackNeitherTheEndNorItsStatus()
    {
        // Mutant: the refused record ends the pass. The link's Secret would stay, and the status would call it usable.
        World world = await InvitedAsync();
        using var one = await StartedAsync(world);
        world.Cluster.IsForbidden = IsTheInvitation;

        await one.RunForAsync(TimeSpan.FromDays(31));

        Assert.Equal(Reasons.Expired, Reason(world));
        Assert.Null(world.Cluster.Find("secrets", World.LinkKey));
    }

    private static bool IsTheInvitation(string path) =>
        path.EndsWith("/deviceinvitations/ada-phone", StringComparison.Ordinal);

    // The device is not allowed, or its name is taken.
    private static void Hold(World world, bool hasDevice, bool isHeld)
    {
        if (hasDevice)
        {
            world.IsGrantRevoked = isHeld;
        }
        else if (isHeld)
        {
            world.CreateDevice("another@example.com");
        }
        else
        {
            world.Cluster.Edit("maildevices", World.DeviceKey, static one =>
                one["metadata"]!.AsObject().Remove("finalizers"));
            world.Cluster.Delete("maildevices", World.DeviceKey);
        }
    }
}
