using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.UnitTests.MailDevices.CrashPoints;

namespace MailOperator.UnitTests.DeviceInvitations;

/// <summary>An invitation whose device would have ended when the link is used invites nobody.</summary>
public sealed class InvitedExpiryTests
{
    // The invitation is made at 12:00 on the 24th.
    [Theory]
    [InlineData("at: 2026-11-24T11:00:00Z", "has passed")]
    [InlineData("at: 2026-11-24T12:00:00Z", "has passed")]
    [InlineData("at: 2026-11-24T12:00:01Z", "before the end of the link at 2026-12-01T12:00:00Z")]
    [InlineData("at: 2026-12-01T11:59:59Z", "before the end of the link at 2026-12-01T12:00:00Z")]
    [InlineData("at: 2026-12-01T12:59:59+01:00", "before the end of the link at 2026-12-01T12:00:00Z")]
    [InlineData("at: 2026-12-01T12:00:00Z", null)]
    [InlineData("at: 2026-12-24T12:00:00Z", null)]
    [InlineData("after: 1s", null)]
    [InlineData("after: 0s", "would have expired when it is created")]
    [InlineData("backend after: 0s", "would have expired when it is created")]
    [InlineData("backend maximum: 0s", "would have expired when it is created")]
    [InlineData("backend maximum: 1h", null)]
    [InlineData("", null)]
    public async Task Invitation_ByTheEndOfItsDevice_InvitesOrSaysWhyNot(string expiry, string? problem)
    {
        // Mutants: judged only when the device exists; compared with the time instead of the link's end.
        var world = new World();
        using var one = new SimulatedOperator(world, isLagging: false);
        await one.StartAsync();
        string[] parts = expiry.Split(": ");
        if (parts[0].StartsWith("backend ", StringComparison.Ordinal))
        {
            one.EditBackend(spec => spec["expiry"] = new JsonObject { [parts[0][8..]] = parts[1] });
        }

        world.Invite(isMailed: true);
        world.Cluster.Edit("deviceinvitations", World.InvitationKey, invitation =>
        {
            invitation["spec"]!["expireAfter"] = "7d";
            if (parts is ["at" or "after", string value])
            {
                invitation["spec"]!["device"]!["expiry"] = new JsonObject { [parts[0]] = value };
            }
        });

        await one.RunForAsync(TimeSpan.FromMinutes(5));

        JsonNode status = world.Invitation!["status"]!;
        JsonNode ready = status["conditions"]![0]!;
        Assert.Equal(problem is null ? Reasons.LinkReady : Reasons.InvalidSpec, ready["reason"]!.GetValue<string>());
        Assert.Contains(problem ?? "can be used once", ready["message"]!.GetValue<string>());
        Assert.Equal(problem is null, world.Cluster.Find("secrets", World.LinkKey) is not null);
        Assert.Equal(problem is null ? 1 : 0, world.Mails.Count);

        // Whoever has the portal's token gets nothing from it either.
        if (problem is not null)
        {
            world.Claim("stolen0123456789abcdefghijklmnop", isChosen: false);
            await one.RunForAsync(TimeSpan.FromDays(31));
            Assert.Empty(world.Cluster.All("maildevices"));
            Assert.Equal("False", ObjectFields.Condition(world.Invitation!["status"], ConditionTypes.Claimed));
        }
    }
}
