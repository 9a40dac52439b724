using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.DeviceInvitations;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>
/// Judges the invitation, its link and its mails at rest. Adds what it finds to the world's <see cref="Oracle"/>.
/// </summary>
internal sealed class InvitationOracle(World world)
{
    /// <summary>
    /// At rest: until it is claimed, the link exists and is the one that the status names. After a claim there is one
    /// device, and only the person has its password.
    /// </summary>
    public void JudgeInvitation()
    {
        JsonObject? link = world.Cluster.Find("secrets", World.LinkKey);
        if (world.Invitation is not { } invitation)
        {
            Expect(link is null, "the invitation is gone, but its link exists");
            return;
        }

        JsonNode? status = invitation["status"];
        if (world.Oracle.Claimed is null)
        {
            string? token = ObjectFields.Text(link?["data"] as JsonObject, "url")?.Split("/i/")[^1];
            Expect(token is { Length: 43 } && token != new string('a', 43), "there is no link, or a forged one");
            Expect(
                status?["tokenHash"]?.GetValue<string>() == LinkUrl.HashOf(token ?? ""),
                "the link is not the one that the status names");
            Expect(
                token is null || LinkUrl.HashOf(token) != world.Oracle.DeadLink,
                "a link that may have been used can be used again");
            Expect(token is not null && !world.Transcript.Holds(token), "the link is readable");
            Expect(
                ObjectFields.Condition(status, ConditionTypes.Ready) == (world.IsGrantRevoked ? "False" : "True"),
                $"the link exists, but the status says {status?.ToJsonString()}");
            return;
        }

        Expect(link is null, "the link was used, but it exists");
        Expect(
            status?["claim"]?["hash"] is null || world.IsGrantRevoked,
            "the status shows the hash, but the device's Secret has it");
        Expect(
            status?["deviceRef"]?["uid"]?.GetValue<string>() == World.Owner.DeviceUid,
            "the status does not name the device");
        Expect(ObjectFields.Condition(status, ConditionTypes.Claimed) == (world.IsGrantRevoked || world.IsClaimLost
            ? "False"
            : "True"), $"the condition Claimed is wrong: {status?.ToJsonString()}");
        Expect(
            (ObjectFields.Condition(status, ConditionTypes.Stalled) == "True") == world.IsClaimLost,
            "Stalled is wrong: only a lost claim never succeeds");
        Expect(world.Cluster.All("maildevices").Count <= 1, "there is more than one device");
    }

    /// <summary>
    /// As many different mails as were asked for, each with the current link, at least a minute apart.
    /// </summary>
    public void JudgeMails()
    {
        JsonNode? delivery = world.Invitation?["spec"]!["delivery"];
        int wanted = delivery is null ? 0
            : world.Invitation!["metadata"]!["annotations"]?[Annotations.Resend] is null ? 1
            : 2;
        int mailed = world.Mails.Select(static one => one.Mail.MessageId).Distinct().Count();
        Expect(mailed == wanted, $"{mailed} different mails instead of {wanted}");
        Expect(world.Mails.Zip(world.Mails.Skip(1), static (one, next) => next.At - one.At)
            .All(static gap => gap >= TimeSpan.FromMinutes(1)), "two mails within a minute");
        string? url = ObjectFields.Text(world.Cluster.Find("secrets", World.LinkKey)?["data"] as JsonObject, "url");
        Expect(
            world.Mails.All(one => one.Mail.TextBody!.Contains(url!, StringComparison.Ordinal)),
            "a mail has another link");
        Expect(
            wanted == 0 || ObjectFields.Condition(world.Invitation!["status"], ConditionTypes.Delivered) == "True",
            "the status does not say that the link was mailed");
    }

    private void Expect(bool holds, string what) => world.Oracle.Expect(holds, what);
}
