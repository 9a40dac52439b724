using System.Buffers.Text;
using System.Security.Cryptography;
using MailOperator.Api;
using MailOperator.DeviceInvitations;
using MailOperator.Portal.Claims;

namespace MailOperator.UnitTests.Portal;

/// <summary>Links and invitations for the tests of the portal.</summary>
internal static class Links
{
    public static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    public static string NewText() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static LinkToken Parse(string text) =>
        LinkToken.TryParse(text, out LinkToken? token) ? token : throw new ArgumentException("no token", nameof(text));

    public static LinkToken NewToken() => Parse(NewText());

    /// <summary>An invitation whose link is open.</summary>
    public static DeviceInvitation Invitation(
        string token, string name = "anna-phone", Action<DeviceInvitationStatus>? change = null)
    {
        var invitation = new DeviceInvitation
        {
            Metadata = { NamespaceProperty = "team", Name = name, Uid = $"uid-{name}", ResourceVersion = "7" },
            Status = new DeviceInvitationStatus
            {
                TokenHash = LinkUrl.HashOf(token),
                ExpiresAt = Now.AddDays(30),
                Conditions = [Is(ConditionTypes.Ready, "True", Reasons.LinkReady)],
                Offer = Offer(),
            },
        };
        change?.Invoke(invitation.Status);
        return invitation;
    }

    public static InvitationOffer Offer() => new()
    {
        Mailbox = "anna@example.com",
        Username = "anna@example.com",
        DeviceName = "Anna's <phone>",
        DeviceType = DeviceType.Phone,
        Holder = "Anna & Co",
        Protocols = [MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP],
        Client = new ClientSpec
        {
            Imap = new EndpointSpec { Host = "imap.example.com", Port = 993, Security = ConnectionSecurity.TLS },
            Pop3 = new EndpointSpec { Host = "pop.example.com", Port = 110, Security = ConnectionSecurity.None },
            Smtp = new EndpointSpec { Host = "smtp.example.com", Port = 587, Security = ConnectionSecurity.STARTTLS },
        },
        Password = new OfferedPassword
        {
            Length = 32,
            Alphabet = PasswordAlphabet.Alphanumeric,
            WorkFactor = 4,
            Chosen = ChosenPasswordPolicy.Denied,
        },
    };

    public static Condition Is(string type, string status, string reason) =>
        new() { Type = type, Status = status, Reason = reason, Message = "m" };

    /// <summary>Sets a claim with this id, and the conditions that the operator has written since.</summary>
    public static void Claim(DeviceInvitationStatus status, string id, params Condition[] conditions)
    {
        status.Claim = new InvitationClaim { Id = id, At = Now, Selector = "abc123" };
        status.Conditions = conditions;
    }
}
