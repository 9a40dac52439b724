using System.Text.Json.Nodes;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using MailKit.Security;
using MailOperator.Api;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.Portal;
using MailOperator.Kubernetes;
using Microsoft.Playwright;
using MimeKit;

namespace MailOperator.IntegrationTests.DeviceInvitations;

/// <summary>
/// The operator sends mail through a real Postfix with a certificate of a test authority, logs in there with the Secret
/// of a MailDevice, and the mail is read over IMAP.
/// </summary>
public sealed class DeliveryTests : InvitationTest
{
    /// <summary>Sending is attempted once a minute.</summary>
    private static readonly TimeSpan NextTry = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Delivery_ByMail_LeadsThePersonToAPasswordThatWorks()
    {
        await ReaderAsync();
        await InviteAsync(
            "phone", "ada-mailed@example.com",
            $"device: {{displayName: Adas Gerät}}, delivery: {{email: {{to: {TestBed.InvitedMailbox}, "
            + "language: de}}");
        JsonObject invitation = await WaitForAsync("phone", ConditionTypes.Delivered, "True", Reasons.Delivered);
        MimeMessage mail = Assert.Single(await ReceivedAsync("phone", count: 1));

        Assert.Equal(TestBed.InvitedMailbox, (string)invitation["status"]!["sentTo"]!);
        Assert.Equal("Ihr Link zu einem Mail-Passwort", mail.Subject);
        Assert.Contains("Adas Gerät", mail.TextBody);
        Assert.Equal("no-reply@example.com", ((MimeKit.MailboxAddress)mail.From[0]).Address);
        Assert.StartsWith((string)invitation["metadata"]!["uid"]!, mail.MessageId);

        // The mail contains everything that its reader needs.
        string link = mail.TextBody!.Split('\n', StringSplitOptions.TrimEntries)
            .Single(static line => line.StartsWith("http", StringComparison.Ordinal));
        PortalBed portal = await PortalBed.GetAsync();
        IPage page = await portal.PersonAsync();
        await using IBrowserContext browser = page.Context;
        await Eventually.TrueAsync("the link is known", async () => (await page.GotoAsync(link))!.Ok);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the password" }).ClickAsync();
        await PortalTest.HeadingAsync(page, "Your password is ready");
        string password = await PortalTest.ShownPasswordAsync(page);
        Assert.True(await ImapAsync("ada-mailed@example.com", password));
        await WaitForAsync("phone", "Claimed", "True", Reasons.Claimed);
        await OpensAsync(new Uri(link), isUsable: false);
        Assert.DoesNotContain(password, mail.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delivery_InEachLanguage_HoldsLinkAndEndInBothParts()
    {
        await ReaderAsync();
        string[] languages = Enum.GetNames<MailLanguage>();
        foreach (string language in languages)
        {
            await InviteAsync(
                $"in-{language}", "ada-languages@example.com",
                $"expireAfter: 9d, delivery: {{email: {{to: {TestBed.InvitedMailbox}, language: {language}}}}}");
        }

        var subjects = new HashSet<string>();
        foreach (string language in languages)
        {
            JsonObject invitation = await WaitForAsync(
                $"in-{language}", ConditionTypes.Delivered, "True", Reasons.Delivered);
            MimeMessage mail = Assert.Single(await ReceivedAsync($"in-{language}", count: 1));
            DateTimeOffset end = Rfc3339.Parse((string)invitation["status"]!["expiresAt"]!)!.Value;
            Assert.All(
                new[] { mail.TextBody!, mail.HtmlBody! },
                body => Assert.Contains($"{end:yyyy}, {end:HH:mm} UTC", body));
            Assert.Equal(language, mail.Body!.Headers[HeaderId.ContentLanguage]);
            subjects.Add(mail.Subject!);
        }

        Assert.Equal(languages.Length, subjects.Count);
    }

    [Fact]
    public async Task Delivery_AskedForOnceMore_IsMailedAMinuteLaterAndOnce()
    {
        await ReaderAsync();
        await InviteAsync("again", "ada-again@example.com", $"delivery: {{email: {{to: {TestBed.InvitedMailbox}}}}}");
        await WaitForAsync("again", ConditionTypes.Delivered, "True", Reasons.Delivered);

        await Cluster.AnnotateAsync(ApiGroup.DeviceInvitations, Key("again"), Annotations.Resend, "one");
        await Cluster.AnnotateAsync(ApiGroup.DeviceInvitations, Key("again"), Annotations.Resend, "two");

        await Eventually.TrueAsync("the mail went out once more", NextTry, async () =>
            (string?)(await Cluster.FindAsync(
                ApiGroup.DeviceInvitations, Key("again")))!["status"]!["lastHandledResend"] == "two");
        MimeMessage[] mails = await ReceivedAsync("again", count: 2);
        Assert.NotEqual(mails[0].MessageId, mails[1].MessageId);
        Assert.True(
            mails[1].Date - mails[0].Date >= TimeSpan.FromMinutes(1), $"{mails[0].Date:u} and {mails[1].Date:u}");
    }

    [Fact]
    public async Task Delivery_WhileTheRelayIsDown_IsTriedAgainAndArrives()
    {
        await ReaderAsync();
        await Bed.Relay!.WhileDownAsync(Bed.Dovecot, TestBed.InvitedMailbox, async () =>
        {
            await InviteAsync(
                "patient", "ada-patient@example.com", $"delivery: {{email: {{to: {TestBed.InvitedMailbox}}}}}");
            JsonObject failed = await WaitForAsync(
                "patient", ConditionTypes.Delivered, "False", Reasons.DeliveryFailed);
            Assert.Contains(
                "no connection to 127.0.0.1", (string)Status.Condition(failed, ConditionTypes.Delivered)!["message"]!);
            Assert.Contains(
                "tries again after 1m", (string)Status.Condition(failed, ConditionTypes.Delivered)!["message"]!);
            // The link can be passed on otherwise.
            Assert.Equal("True", (string)Status.Condition(failed, "Ready")!["status"]!);
        });

        await WaitForAsync("patient", ConditionTypes.Delivered, "True", Reasons.Delivered, NextTry);
        Assert.Single(await ReceivedAsync("patient", count: 1));
    }

    [Fact]
    public async Task Delivery_AddedLater_IsMailed()
    {
        await ReaderAsync();
        await InviteAsync("later", "ada-later@example.com");
        await LinkAsync("later");

        await Cluster.MergeAsync(
            ApiGroup.DeviceInvitations, Key("later"),
            $"{{spec: {{delivery: {{email: {{to: {TestBed.InvitedMailbox}}}}}}}}}");

        await WaitForAsync("later", ConditionTypes.Delivered, "True", Reasons.Delivered);
        Assert.Single(await ReceivedAsync("later", count: 1));
    }

    /// <summary>Kills: a relay for strangers, with the link that they would get.</summary>
    [Fact]
    public async Task Delivery_ToAStranger_IsRefusedInWordsAndNotTried()
    {
        await InviteAsync("stranger", "ada-stranger@example.com", "delivery: {email: {to: anybody@elsewhere.example}}");

        JsonObject invitation = await WaitForAsync(
            "stranger", ConditionTypes.Delivered, "False", Reasons.NotAllowed);
        Assert.Contains(
            "config.smtp.recipientDomains",
            (string)Status.Condition(invitation, ConditionTypes.Delivered)!["message"]!);
        Assert.Equal("True", (string)Status.Condition(invitation, "Ready")!["status"]!);
        Assert.Null(invitation["status"]!["lastDeliveryAttempt"]);

        await Cluster.MergeAsync(
            ApiGroup.DeviceInvitations, Key("stranger"),
            $"{{spec: {{delivery: {{email: {{to: {TestBed.InvitedMailbox}}}}}}}}}");
        await Eventually.TrueAsync("an address of the granted domain is tried", async () =>
            (await Cluster.FindAsync(ApiGroup.DeviceInvitations, Key("stranger")))!["status"]!["lastDeliveryAttempt"]
                is not null);
    }

    /// <summary>Kills: no limit, and one that workers beside each other all pass at once.</summary>
    [Fact]
    public async Task Delivery_MoreThanAnHourAllows_WaitsAndSaysUntilWhen()
    {
        await ReaderAsync();
        string[] names = [.. Enumerable.Range(0, SmtpRelay.DefaultTriesPerHour + 5).Select(static i => $"many-{i}")];
        await InviteAsync("first", "ada-first@example.com"); // and with it the MailUser
        await Task.WhenAll(names.Select(name => InviteAsync(
            name, $"ada-{name}@example.com", $"delivery: {{email: {{to: {TestBed.InvitedMailbox}}}}}")));

        JsonObject?[] all = await Eventually.GetAsync("every invitation is mailed, or waits", async () =>
        {
            JsonObject?[] found = await Task.WhenAll(
                names.Select(name => Cluster.FindAsync(ApiGroup.DeviceInvitations, Key(name))));
            return found.All(static one => IsDelivered(one) || IsHeld(one)) ? found : null;
        });
        Assert.Equal(SmtpRelay.DefaultTriesPerHour, all.Count(IsDelivered));
        Assert.All(all.Where(IsHeld), static one => Assert.Null(one!["status"]!["lastDeliveryAttempt"]));
    }

    private static bool IsDelivered(JsonObject? invitation) =>
        (string?)Status.Condition(invitation!, ConditionTypes.Delivered)?["status"] == "True";

    private static bool IsHeld(JsonObject? invitation) =>
        Status.Condition(invitation!, ConditionTypes.Delivered) is { } condition
        && ((string)condition["message"]!).Contains("config.smtp.maxTriesPerHour", StringComparison.Ordinal);

    /// <summary>The MailDevice for the operator's login at the relay, and one that reads the mail.</summary>
    private async Task ReaderAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root may run a Postfix.");
        await Cluster.CreateIfAbsentAsync(ApiGroup.MailDevices, TestBed.RelayDevice.Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = TestBed.RelayDevice.Name },
            ["spec"] = new JsonObject { ["mailbox"] = "no-reply@example.com", ["protocols"] = new JsonArray("SMTP") },
        });
        await Bed.WaitForDeviceAsync(TestBed.RelayDevice, "Ready", "True");
        await Cluster.CreateDeviceAsync(
            Namespace, "reader", $"{{mailbox: {TestBed.InvitedMailbox}, protocols: [IMAP]}}");
        await Bed.WaitForDeviceAsync(Key("reader"), "Ready", "True");
    }

    /// <summary>
    /// Waits for this number of mails that have the link of the invitation in both parts. The oldest first.
    /// </summary>
    private async Task<MimeMessage[]> ReceivedAsync(string invitation, int count)
    {
        string link = (await LinkAsync(invitation)).AbsoluteUri;
        DeviceSecret reader = await Bed.SecretAsync(Key("reader"));
        using var imap = new ImapClient();
        await imap.ConnectAsync(
            "127.0.0.1", Bed.Dovecot.ImapPort, SecureSocketOptions.None, TestContext.Current.CancellationToken);
        await imap.AuthenticateAsync(reader["username"], reader["password"], TestContext.Current.CancellationToken);
        return await Eventually.GetAsync($"{count} mails with the link of {invitation} have arrived", async () =>
        {
            await imap.Inbox.OpenAsync(FolderAccess.ReadOnly, TestContext.Current.CancellationToken);
            var found = new List<MimeMessage>();
            foreach (UniqueId id in await imap.Inbox.SearchAsync(
                SearchQuery.All, TestContext.Current.CancellationToken))
            {
                MimeMessage mail = await imap.Inbox.GetMessageAsync(id, TestContext.Current.CancellationToken);
                if (mail.TextBody?.Contains(link, StringComparison.Ordinal) is true
                    && mail.HtmlBody?.Contains($"href=\"{link}\"", StringComparison.Ordinal) is true)
                {
                    found.Add(mail);
                }
            }

            return found.Count == count ? found.ToArray() : null;
        });
    }
}
