using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.DeviceInvitations;

/// <summary>How long a link can be used, at a portal beside the operator.</summary>
public sealed class LinkTests : InvitationTest
{
    [Fact]
    public async Task Link_OfAnInvitationThatIsDeleted_IsDead()
    {
        await InviteAsync("gone", "ada-gone@example.com");
        Uri link = await LinkAsync("gone");
        await OpensAsync(link, isUsable: true);

        await Cluster.DeleteAsync(ApiGroup.DeviceInvitations, Key("gone"));

        await OpensAsync(link, isUsable: false);
        await GoneAsync(ApiGroup.DeviceInvitations, "gone");
        await GoneAsync(ResourceType.Secrets, "gone-invitation");
        Assert.Null(await Cluster.FindAsync(ApiGroup.MailDevices, Key("gone")));
    }

    [Fact]
    public async Task Link_NotUsedInTime_IsDead()
    {
        await InviteAsync("late", "ada-late@example.com", "expireAfter: 12s");
        Uri link = await LinkAsync("late");
        await OpensAsync(link, isUsable: true);

        JsonObject expired = await WaitForAsync("late", "Expired", "True", Reasons.Expired);

        Assert.Equal("False", (string)Status.Condition(expired, "Ready")!["status"]!);
        Assert.Null(Status.Condition(expired, "Claimed"));
        await GoneAsync(ResourceType.Secrets, "late-invitation");
        await OpensAsync(link, isUsable: false);
    }

    [Fact]
    public async Task Link_Used_IsDead()
    {
        await InviteAsync("once", "ada-once@example.com");
        Uri link = await LinkAsync("once");
        await OpensAsync(link, isUsable: true);

        await PortalStub.ClaimAsync(Cluster, await WaitForAsync("once", "Ready", "True", Reasons.LinkReady));

        await OpensAsync(link, isUsable: false);
        await WaitForAsync("once", "Claimed", "True", Reasons.Claimed);
        await OpensAsync(link, isUsable: false);
    }

    [Fact]
    public async Task Link_WhoseStatusWasLost_IsDeadAndThereIsAnother()
    {
        await InviteAsync("lost", "ada-lost@example.com");
        Uri link = await LinkAsync("lost");
        await OpensAsync(link, isUsable: true);

        await LoseStatusAsync("lost");

        await Eventually.TrueAsync(
            "the event LinkReplaced tells why",
            async () => (await Cluster.ListAsync(ResourceType.Events, Namespace)).Any(static one =>
                (string)one["reason"]! == Reasons.LinkReplaced && (string)one["type"]! == "Warning"));
        Uri another = await LinkAsync("lost");
        Assert.NotEqual(link, another);
        await OpensAsync(another, isUsable: true);
        await OpensAsync(link, isUsable: false);
    }

    [Fact]
    public async Task Link_UsedBeforeTheStatusWasLost_StaysUsed()
    {
        string password = await ClaimedAsync("kept", "ada-kept@example.com");

        await LoseStatusAsync("kept");

        JsonObject again = await WaitForAsync("kept", "Claimed", "True", Reasons.Claimed);
        Assert.Equal("kept", (string)again["status"]!["deviceRef"]!["name"]!);
        Assert.Null(again["status"]!["tokenHash"]);
        Assert.Null(await Cluster.FindAsync(ResourceType.Secrets, Key("kept-invitation")));
        Assert.True(await ImapAsync("ada-kept@example.com", password));
    }

    [Fact]
    public async Task Invitation_WhoseDeviceWouldEndBeforeTheLink_InvitesNobody()
    {
        // Mutant: judged when the link is used. The person would get a password that has ended.
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        await InviteAsync(
            "past", "ada-past@example.com",
            $"device: {{expiry: {{at: '{Rfc3339.Format(now.AddSeconds(-5))}'}}}}, "
            + "delivery: {email: {to: ada@example.com}}");
        await InviteAsync(
            "early", "ada-early@example.com",
            $"device: {{expiry: {{at: '{Rfc3339.Format(now.AddDays(6))}'}}}}, expireAfter: 7d");
        await InviteAsync(
            "good", "ada-good@example.com",
            $"device: {{expiry: {{at: '{Rfc3339.Format(now.AddDays(8))}'}}}}, expireAfter: 7d");

        JsonObject past = await WaitForAsync("past", "Ready", "False", Reasons.InvalidSpec);
        JsonObject early = await WaitForAsync("early", "Ready", "False", Reasons.InvalidSpec);
        await WaitForAsync("good", "Ready", "True", Reasons.LinkReady);

        Assert.Contains("has passed", (string)Status.Condition(past, "Ready")!["message"]!);
        Assert.Contains("before the end of the link", (string)Status.Condition(early, "Ready")!["message"]!);
        foreach (JsonObject one in (JsonObject[])[past, early])
        {
            string name = (string)one["metadata"]!["name"]!;
            Assert.Null(one["status"]!["tokenHash"]);
            Assert.Null(one["status"]!["sentTo"]);
            Assert.Null(one["status"]!["lastDeliveryAttempt"]);
            Assert.Null(await Cluster.FindAsync(ResourceType.Secrets, Key($"{name}-invitation")));
        }
    }
}
