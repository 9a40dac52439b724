using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.DeviceInvitations;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.UnitTests.MailDevices;

namespace MailOperator.UnitTests.DeviceInvitations;

/// <summary>Invitations in named good states. A test changes one property.</summary>
internal static class Invitations
{
    public static readonly DateTimeOffset Now = Snapshots.Now;

    public static readonly LinkState.Owned Link = new()
    {
        Name = "ada-phone-invitation",
        Uid = "secret-uid",
        ResourceVersion = "7",
        TokenHash = "abc",
        IsGenuine = true,
        MatchesDesired = true,
    };

    public static readonly InvitationOffer Offer = new()
    {
        Mailbox = "ada@example.com",
        Username = "ada@example.com",
        DeviceName = "Ada's <phone>",
        Holder = "Ada Lovelace",
        Protocols = [MailProtocol.IMAP],
        Client = new ClientSpec
        {
            Imap = new EndpointSpec { Host = "mail.example.com", Port = 993, Security = ConnectionSecurity.TLS },
        },
        Password = new OfferedPassword { Length = 32, Alphabet = PasswordAlphabet.Lowercase, WorkFactor = 10 },
    };

    /// <summary>The link can be used.</summary>
    public static readonly InvitationSnapshot Open = new()
    {
        Uid = "uid-a",
        HasFinalizer = true,
        DeviceName = "ada-phone",
        LinkSecretName = "ada-phone-invitation",
        Offer = Offer,
        ExpiresAt = Now.AddDays(30),
        WorkFactor = 4,
        Link = Link,
        WasLinkReported = true,
    };

    public static readonly InvitationSnapshot New =
        Open with { HasFinalizer = false, Link = new LinkState.Absent(), WasLinkReported = false };

    public static readonly InvitationClaim Claim =
        new() { Id = "claim-1", At = Now.AddMinutes(-1), Selector = "aaaaaa", Hash = Snapshots.ClaimedHash };

    /// <summary>The password was claimed, and nothing was done for the claim yet.</summary>
    public static readonly InvitationSnapshot JustClaimed = Open with { Claim = Claim };

    /// <summary>The operator has taken this claim.</summary>
    public static readonly ClaimRecord Record = ClaimRecord.Of("uid-a", Claim, Now).WithHash(Snapshots.ClaimedHash);

    /// <summary>The mail system accepts the password, and the operator is about to record that.</summary>
    public static readonly InvitationSnapshot Accepted = JustClaimed with
    {
        Link = new LinkState.Absent(),
        Record = Record with { Device = "uid-d" },
        ReportedDevice = new ClaimedDeviceReference { Name = "ada-phone", Uid = "uid-d" },
        Device = new DeviceFound.Own("uid-d", "aaaaaa", Ready("True", Reasons.Issued)),
    };

    public static readonly InvitationSnapshot Confirmed =
        Accepted with { Record = Accepted.Record! with { IsConfirmed = true } };

    /// <summary>The link is to be mailed, and no attempt was made.</summary>
    public static readonly DeliveryFacts Owed = new() { To = "ada@example.org" };

    public static Condition Ready(string status, string reason) =>
        new() { Type = ConditionTypes.Ready, Status = status, Reason = reason, Message = "A reason." };
}
