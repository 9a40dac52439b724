using System.Text.Json.Nodes;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;
using MimeKit;

namespace MailOperator.IntegrationTests.DeviceInvitations;

/// <summary>The operator's mail goes through a real Postfix, where it logs in with the Secret of a MailDevice, and is read back over IMAP.</summary>
public sealed class DeliveryTests : InvitationTest
{
    [Fact]
    public async Task Delivery_ByMail_BringsTheLinkOfTheSecret()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root may run a Postfix.");
        await RelayDeviceAsync();
        await Cluster.CreateDeviceAsync(Namespace, "reader", $"{{mailbox: {TestBed.InvitedMailbox}, protocols: [IMAP]}}");
        await Bed.WaitForDeviceAsync(Key("reader"), "Ready", "True");

        await InviteAsync("phone", "ada-mailed@example.com", $"device: {{displayName: Adas Gerät}}, delivery: {{email: {{to: {TestBed.InvitedMailbox}, language: de}}}}");
        JsonObject invitation = await WaitForAsync("phone", ConditionTypes.Delivered, "True", Reasons.Delivered);
        MimeMessage mail = await ReceivedAsync();
        string link = Text((await Cluster.FindAsync(ResourceType.Secrets, Key("phone-invitation")))!, "url");

        Assert.Equal(TestBed.InvitedMailbox, (string)invitation["status"]!["sentTo"]!);
        Assert.Contains(link, mail.TextBody);
        Assert.Contains($"href=\"{link}\"", mail.HtmlBody);
        Assert.Equal("Ihr Passwort für Adas Gerät", mail.Subject);
        Assert.Equal("no-reply@example.com", ((MimeKit.MailboxAddress)mail.From[0]).Address);
        Assert.StartsWith((string)invitation["metadata"]!["uid"]!, mail.MessageId);

        // Whoever reads the mail can use it.
        await PortalStub.ClaimAsync(Cluster, (await Cluster.FindAsync(ApiGroup.DeviceInvitations, Key("phone")))!);
        await WaitForAsync("phone", "Claimed", "True", Reasons.Claimed);
    }

    private async Task RelayDeviceAsync()
    {
        await Cluster.CreateIfAbsentAsync(ApiGroup.MailDevices, TestBed.RelayDevice.Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = TestBed.RelayDevice.Name },
            ["spec"] = new JsonObject { ["mailbox"] = "no-reply@example.com", ["protocols"] = new JsonArray("SMTP") },
        });
        await Bed.WaitForDeviceAsync(TestBed.RelayDevice, "Ready", "True");
    }

    private async Task<MimeMessage> ReceivedAsync()
    {
        DeviceSecret reader = await Bed.SecretAsync(Key("reader"));
        using var imap = new ImapClient();
        await imap.ConnectAsync("127.0.0.1", Bed.Dovecot.ImapPort, SecureSocketOptions.None, TestContext.Current.CancellationToken);
        await imap.AuthenticateAsync(reader["username"], reader["password"], TestContext.Current.CancellationToken);
        return await Eventually.GetAsync("the mail has arrived", TimeSpan.FromSeconds(10), async () =>
        {
            await imap.Inbox.OpenAsync(FolderAccess.ReadOnly, TestContext.Current.CancellationToken);
            return imap.Inbox.Count > 0 ? await imap.Inbox.GetMessageAsync(imap.Inbox.Count - 1, TestContext.Current.CancellationToken) : null;
        });
    }
}
