using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Claims;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailServers;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>Devices in named good states. A test changes one property.</summary>
internal static class Snapshots
{
    public static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    public static readonly SlotOwner Owner = new("cluster", "uid-a");

    /// <summary>The annotation of the Secret; nothing verifies it where only content is compared.</summary>
    public const string Identity = "uid-a v1:proof";

    /// <summary>What a store with everything can do.</summary>
    public const BackendCapabilities Capabilities = BackendCapabilities.Hash | BackendCapabilities.Overlap
        | BackendCapabilities.Protocols | BackendCapabilities.SendRight | BackendCapabilities.Networks
        | BackendCapabilities.List | BackendCapabilities.ChosenPassword;

    public static readonly SlotRestrictions Restrictions = new()
    {
        DeviceName = "shop/grafana",
        Protocols = [MailProtocol.IMAP, MailProtocol.SMTP],
    };

    public static readonly DesiredCredential Desired = new()
    {
        BackendName = "dovecot",
        Access = new DesiredAccess
        {
            Mailbox = "alerts@example.com",
            Username = "alerts@example.com",
            Restrictions = Restrictions,
        },
        Password = new DesiredPassword.Generated(32, PasswordAlphabet.Alphanumeric),
        WorkFactor = 4,
        Lifetime = new DesiredLifetime { Overlap = TimeSpan.FromHours(24) },
        Secret = new DesiredSecret
        {
            Name = "grafana",
            Type = "servicebinding.io/smtp",
            Labels = ImmutableSortedDictionary<string, string>.Empty,
            Annotations = ImmutableSortedDictionary<string, string>.Empty,
            Provider = "dovecot",
            Username = "alerts@example.com",
            Endpoints = [new ClientEndpoint(MailProtocol.SMTP, "mail.example.com", 465, ConnectionSecurity.TLS)],
        },
    };

    public static readonly CredentialRecord Record =
        new() { Epoch = 1, Selector = "aaaaaa", IssuedAt = Now.AddHours(-1), HandledRotation = "one" };

    public static readonly SecretState.Owned Secret = new()
    {
        Name = "grafana",
        Uid = "secret-uid",
        ResourceVersion = "7",
        Credential = Record,
        IsGenuine = true,
        MatchesDesired = true,
    };

    public static readonly MailDeviceSnapshot InSync = new()
    {
        Uid = "uid-a",
        HasFinalizer = true,
        MayHaveSlots = true,
        Capabilities = Capabilities,
        RotateToken = "one",
        Desired = Desired,
        Secret = Secret,
        IsSecretLive = true,
        Slots = [Slot("aaaaaa")],
        UncommittedSlotGrace = TimeSpan.FromMinutes(2),
    };

    /// <summary>With a chosen password, which the source still holds.</summary>
    public static readonly MailDeviceSnapshot Chosen = InSync with
    {
        Desired = Desired with
        {
            Password = new DesiredPassword.Chosen(new LocalSecretKeyReference { Name = "mine", Key = "mail" }),
        },
        Secret = Secret with { Credential = Record with { Origin = new PasswordOrigin.Chosen("v1:chosen") } },
        Source = new SourceState(Problem: null, IsInSecret: true),
        Slots = [Slot("aaaaaa") with { IsChosen = true }],
    };

    public const string ClaimedHash = "$2y$04$abcdefghijklmnopqrstuuJ6c1pJ1x6yqv2cW8k0n9s7d5f3g1h2i";

    /// <summary>With a claimed password, whose claim still has the hash.</summary>
    public static readonly MailDeviceSnapshot Claimed = InSync with
    {
        RotateToken = "",
        Desired = Desired with
        {
            Password = new DesiredPassword.Claimed(Holder: null),
            Secret = Desired.Secret with { KeepsHash = true },
        },
        Secret = Secret with
        {
            Credential = Record with
            {
                HandledRotation = "",
                Origin = new PasswordOrigin.Claimed("claim-1", IsTyped: false),
            },
        },
        ClaimedPassword = new ClaimedPassword(
            "ada-phone",
            new InvitationClaim { Id = "claim-1", At = Now.AddHours(-1), Selector = "aaaaaa", Hash = ClaimedHash }),
        Slots = [Slot("aaaaaa") with { Hash = ClaimedHash }],
    };

    public static readonly MailDeviceSnapshot Deleted = InSync with
    {
        IsDeleting = true,
        Secret = null,
        Slots = [],
        OtherPlaces = [Place(Slot("aaaaaa"))],
        ObsoleteSecrets = [new ObsoleteSecret("grafana", "secret-uid")],
    };

    /// <summary>The Secret, with earlier passwords that still work.</summary>
    public static SecretState.Owned WithRetiring(params RetiringCredential[] retiring) =>
        Secret with { Credential = Record with { Retiring = [.. retiring] } };

    /// <summary>The device with an end that its spec sets.</summary>
    public static MailDeviceSnapshot EndingAt(this MailDeviceSnapshot device, DateTimeOffset? end) => device with
    {
        Desired = device.Desired is null
            ? null
            : device.Desired with { Lifetime = device.Desired.Lifetime with { ExpiresAt = end } },
        Stops = device.Stops with { EndsAt = end },
    };

    /// <summary>The device while its spec suspends it.</summary>
    public static MailDeviceSnapshot Suspended(this MailDeviceSnapshot device) => device with
    {
        Desired = device.Desired is null
            ? null
            : device.Desired with
            {
                Access = device.Desired.Access with
                {
                    Restrictions = device.Desired.Access.Restrictions with { IsSuspended = true },
                },
            },
        Stops = device.Stops with { IsSuspended = true },
    };

    /// <summary>A MailBackend named dovecot with these slots of a deleted device.</summary>
    public static SlotPlace Place(params Slot[] slots) =>
        new("dovecot") { Slots = [.. slots], Capabilities = Capabilities };

    public static Slot Slot(string selector, TimeSpan? age = null) => new()
    {
        Owner = Owner,
        Selector = selector,
        Mailbox = "alerts@example.com",
        Hash = "$2y$04$hash",
        IssuedAt = Now - (age ?? TimeSpan.FromHours(1)),
        Restrictions = Restrictions,
    };
}
