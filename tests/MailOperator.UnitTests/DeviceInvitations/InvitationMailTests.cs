using MailOperator.Api;
using MailOperator.DeviceInvitations.Delivery;
using MimeKit;

namespace MailOperator.UnitTests.DeviceInvitations;

public sealed class InvitationMailTests
{
    private const string Link = "https://invite.example.com/i/0123456789012345678901234567890123456789012";

    private static readonly SmtpRelay Relay =
        new("relay", 587, ConnectionSecurity.STARTTLS, "no-reply@example.com", "Example Ltd", CredentialsSecret: null);

    public static TheoryData<string> Languages => [.. Enum.GetNames<MailLanguage>()];

    [Theory]
    [MemberData(nameof(Languages))]
    public void Compose_EachLanguage_HoldsLinkAndEndInBothParts(string language)
    {
        MimeMessage mail = Compose(Invitations.Owed with { Language = Enum.Parse<MailLanguage>(language) });

        Assert.All(new[] { mail.TextBody, mail.HtmlBody }, body =>
        {
            Assert.Contains(Link, body);
            Assert.Contains("2026, 12:00 UTC", body);
            Assert.Contains("ada@example.com", body);
            Assert.Contains("Ada Lovelace", body);
            Assert.DoesNotContain("{0}", body);
        });
        Assert.DoesNotContain("phone", mail.Subject); // no tenant writes a subject
        Assert.Contains("Ada&#39;s &lt;phone&gt;", mail.HtmlBody);
        Assert.DoesNotContain("<phone>", mail.HtmlBody); // a name is not markup
        Assert.Equal("ada@example.org", Assert.IsType<MimeKit.MailboxAddress>(Assert.Single(mail.To)).Address);
        Assert.Contains($"lang=\"{language}\"", mail.HtmlBody);
    }

    [Fact]
    public void Compose_EachLanguage_HasItsOwnText() =>
        Assert.Equal(5, Enum.GetValues<MailLanguage>()
            .Select(language => Compose(Invitations.Owed with { Language = language }).Subject)
            .Distinct()
            .Count());

    [Fact]
    public void Compose_SameMailAgain_HasTheSameId()
    {
        string first = Compose(Invitations.Owed).MessageId!;

        Assert.Equal(first, Compose(Invitations.Owed with { Attempts = 3 }).MessageId);
        Assert.NotEqual(first, Compose(Invitations.Owed with { ResendToken = "two" }).MessageId);
        Assert.StartsWith("uid-a.", first);
        Assert.EndsWith("@example.com", first);
    }

    [Fact]
    public void Compose_NameWithALineBreak_AddsNoHeader()
    {
        MimeMessage mail = Compose(Invitations.Owed, "phone\r\nBcc: boss@example.com");
        using var stream = new MemoryStream();
        mail.WriteTo(stream, TestContext.Current.CancellationToken);

        Assert.DoesNotContain("\nBcc:", System.Text.Encoding.ASCII.GetString(stream.ToArray()));
    }

    /// <summary>Kills: a name that goes into the mail as it is, in the body, the subject or the recipient.</summary>
    [Fact]
    public void Compose_NameThatLooksLikeALink_HasNone()
    {
        MimeMessage mail = Compose(Invitations.Owed, "Verify at https://prize.example", "help@prize.example");

        Assert.DoesNotContain("prize.example", mail.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Verify", mail.Subject);
        Assert.Contains("Verify at https prize example", mail.TextBody);
        Assert.Contains("help prize example", mail.TextBody);
    }

    private static MimeMessage Compose(
        DeliveryFacts delivery, string? deviceName = null, string holder = "Ada") => InvitationMail.Compose(
        Relay,
        new DeviceInvitation { Metadata = new() { Name = "ada-phone", Uid = "uid-a" } },
        deviceName is null
            ? Invitations.Offer
            : new InvitationOffer { Mailbox = "ada@example.com", DeviceName = deviceName, Holder = holder },
        delivery,
        new Uri(Link),
        Invitations.Now.AddDays(30),
        Invitations.Now);
}
