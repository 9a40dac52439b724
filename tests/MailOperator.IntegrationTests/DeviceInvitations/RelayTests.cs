using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.IntegrationTests.Bed;
using MimeKit;

namespace MailOperator.IntegrationTests.DeviceInvitations;

/// <summary>The relay's certificate: which one is accepted, and the message if it is not.</summary>
public sealed class RelayTests : InvitationTest
{
    /// <summary>
    /// The tests of the delivery show that mail gets through with the authority. Their operator trusts the relay in no
    /// other way.
    /// </summary>
    [Fact]
    public async Task Certificate_OfAnAuthorityThatIsNotKnown_IsRefusedAndTheSettingNamed()
    {
        using var another = new TestAuthority("another");

        Assert.Contains("config.smtp.caBundle", await ProblemAsync(caBundle: null));
        Assert.Contains("config.smtp.caBundle", await ProblemAsync(System.Text.Encoding.ASCII.GetBytes(another.Pem)));
    }

    [Fact]
    public async Task Certificate_OfAnotherName_IsRefusedAndTheSettingNamed()
    {
        // Mutant: ignore the name. Anyone with any certificate of the authority could read the links.
        using var authority = new TestAuthority("mail relays");
        Assert.Contains(
            "config.smtp.host", await ProblemAsync(System.Text.Encoding.ASCII.GetBytes(authority.Pem), authority));
    }

    private async Task<string> ProblemAsync(byte[]? caBundle, TestAuthority? authority = null)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root may run a Postfix.");
        string folder = Directory.CreateTempSubdirectory("mail-operator-relay-").FullName;
        await using PostfixServer postfix = authority is null
            ? await PostfixServer.StartAsync(folder, Bed.Dovecot)
            : await PostfixServer.StartRelayAsync(
                folder, Bed.Dovecot, TestBed.InvitedMailbox, authority, name: "mail.example.com");
        var relay = new SmtpRelay(
            "127.0.0.1", postfix.Port, ConnectionSecurity.STARTTLS, "no-reply@example.com", FromName: null,
            CredentialsSecret: null)
        {
            Authorities = CaBundle.Read(caBundle),
        };
        DeliveryResult result = await new InvitationMailer(
            new BackendSecrets(Cluster.Api, ShippedRights.Namespace), TimeProvider.System)
            .SendAsync(relay, new MimeMessage(), TestContext.Current.CancellationToken);
        return result.Problem!;
    }
}
