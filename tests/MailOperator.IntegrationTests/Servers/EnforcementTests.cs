using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;

namespace MailOperator.IntegrationTests.Servers;

/// <summary>The mail servers enforce a device's restrictions, with the configuration that we ship.</summary>
public sealed class EnforcementTests : OperatorTest
{
    private static readonly string[] Everything =
        [MailSystem.Imap, MailSystem.Pop3, MailSystem.DovecotSubmission, MailSystem.Postfix];

    [Theory]
    [InlineData("2.3")]
    [InlineData("2.4")]
    public async Task Protocols_OfThreeDevicesOnOneMailbox_EachIsLetInByItsOwnServicesOnly(string dovecot)
    {
        MailSystem mail = await Bed.MailSystemAsync(dovecot);
        DeviceSecret reader = await IssueAsync("reader", "protocols: [IMAP]");
        DeviceSecret fetcher = await IssueAsync("fetcher", "protocols: [POP3]");
        DeviceSecret sender = await IssueAsync("sender", "protocols: [SMTP]");

        await AcceptedAsync(mail, reader, [MailSystem.Imap]);
        await AcceptedAsync(mail, fetcher, [MailSystem.Pop3]);
        await AcceptedAsync(mail, sender, [MailSystem.DovecotSubmission, MailSystem.Postfix]);
    }

    [Theory]
    [InlineData("2.3")]
    [InlineData("2.4")]
    public async Task AllowedNetworks_OfADevice_OnlyAddressesInsideAreLetIn(string dovecot)
    {
        MailSystem mail = await Bed.MailSystemAsync(dovecot);
        DeviceSecret secret = await IssueAsync(
            "office", "allowedNetworks: [127.0.0.5/32, 127.0.1.0/24, '2001:db8::/32']");

        await AcceptedAsync(mail, secret, Everything, from: "127.0.0.5");
        await AcceptedAsync(mail, secret, Everything, from: "127.0.1.77");
        await AcceptedAsync(mail, secret, [], from: "127.0.0.6");
        await AcceptedAsync(mail, secret, [], from: "127.0.2.1");
    }

    [Theory]
    [InlineData("2.3", null)]
    [InlineData("2.4", null)]
    [InlineData("2.4", "postgresql")]
    [InlineData("2.4", "mariadb")]
    public async Task Login_PasswordShorterThanASelector_IsAWrongOneAndNoFaultOfTheServer(
        string dovecot, string? engine)
    {
        // Mutant: takes six characters of a shorter password. Dovecot 2.4 reports a temporary failure, and clients
        // retry for ever.
        MailSystem mail = engine is null
            ? await Bed.MailSystemAsync(dovecot)
            : await Bed.MailSystemAsync(dovecot, engine);
        int before = (await File.ReadAllLinesAsync(mail.Dovecot.Log, TestContext.Current.CancellationToken)).Length;

        Assert.False(await MailLogin.ImapAsync(mail.Dovecot.ImapPort, "short@example.com", "abc"));

        string[] said =
            [.. (await File.ReadAllLinesAsync(mail.Dovecot.Log, TestContext.Current.CancellationToken)).Skip(before)];
        Assert.DoesNotContain(said, static line => line.Contains("out of bounds", StringComparison.OrdinalIgnoreCase)
            || line.Contains("internal", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(said, static line => line.Contains("short@example.com", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("2.3")]
    [InlineData("2.4")]
    public async Task RotateThenDelete_OnEachServer_OverlapHoldsAndNothingIsLeft(string dovecot)
    {
        MailSystem mail = await Bed.MailSystemAsync(dovecot);
        DeviceSecret old = await IssueAsync("turning", "rotation: {overlap: 20s}");
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("turning"), Annotations.Rotate, "once");
        DeviceSecret next = await Eventually.GetAsync("the Secret has another password", async () =>
            await Bed.SecretAsync(Key("turning")) is { } now && now["password"] != old["password"] ? now : null);

        Assert.Equal(Everything, await mail.AcceptedAsync(old)); // still within the overlap
        await AcceptedAsync(mail, next, Everything);
        await AcceptedAsync(mail, old, []);
        Assert.Equal(Everything, await mail.AcceptedAsync(next));

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("turning"));
        await AcceptedAsync(mail, next, []);
    }

    [Theory]
    [InlineData("2.3")]
    [InlineData("2.4")]
    public async Task Postfix_Device_SendsAsItsMailboxAndAsNobodyElse(string dovecot)
    {
        MailSystem mail = await Bed.MailSystemAsync(dovecot);
        DeviceSecret secret = await IssueAsync("shop", "protocols: [SMTP]");
        await AcceptedAsync(mail, secret, [MailSystem.DovecotSubmission, MailSystem.Postfix]);

        Assert.True(await MailLogin.SendAsync(
            mail.PostfixPort, secret["username"], secret["password"], sender: secret["username"]));
        Assert.False(await MailLogin.SendAsync(
            mail.PostfixPort, secret["username"], secret["password"], sender: "boss@example.com"));
    }

    private async Task<DeviceSecret> IssueAsync(string name, string spec)
    {
        await Cluster.CreateDeviceAsync(Namespace, name, $"{{mailbox: enforced@example.com, {spec}}}");
        await Bed.WaitForDeviceAsync(Key(name), "Ready", "True");
        return await Bed.SecretAsync(Key(name));
    }

    /// <summary>
    /// Waits until exactly these services accept the device: Dovecot checks the passwd-file once a second.
    /// </summary>
    private static Task<TimeSpan> AcceptedAsync(
        MailSystem mail, DeviceSecret secret, string[] expected, string from = "127.0.0.1") =>
        Eventually.TrueAsync(
            $"{secret["username"]} from {from} is let in by [{string.Join(", ", expected)}] and no other",
            async () => (await mail.AcceptedAsync(secret, from)).SequenceEqual(expected));
}
