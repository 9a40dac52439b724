using System.Text.Json.Serialization;
using MailOperator.Kubernetes;

namespace MailOperator.Api;

/// <summary>A link with which a person takes the password for a device, once.</summary>
internal sealed class DeviceInvitation : ApiObject
{
    public DeviceInvitationSpec Spec { get; set; } = new();

    public DeviceInvitationStatus? Status { get; set; }
}

internal sealed class DeviceInvitationSpec
{
    public ObjectReference? BackendRef { get; set; }

    public string Mailbox { get; set; } = "";

    /// <summary>The MailUser who will hold the password.</summary>
    public ObjectReference UserRef { get; set; } = new();

    public InvitedDeviceSpec? Device { get; set; }

    /// <summary>How long the link can be used, such as "7d", counted from the creation of the invitation.</summary>
    public string? ExpireAfter { get; set; }

    /// <summary>Whether the person may choose the password; null is denied.</summary>
    public ChosenPasswordPolicy? ChosenPassword { get; set; }

    public LinkSecretSpec? LinkSecret { get; set; }

    public DeliverySpec? Delivery { get; set; }
}

/// <summary>The spec of the MailDevice that is created when the invitation is claimed.</summary>
internal sealed class InvitedDeviceSpec
{
    public string? Name { get; set; }

    public string? DisplayName { get; set; }

    public DeviceType? DeviceType { get; set; }

    public MailProtocol[]? Protocols { get; set; }

    public string[]? AllowedNetworks { get; set; }

    public DeviceExpirySpec? Expiry { get; set; }
}

internal sealed class LinkSecretSpec
{
    public string? Name { get; set; }
}

/// <summary>How the link reaches the person.</summary>
internal sealed class DeliverySpec
{
    public EmailDeliverySpec? Email { get; set; }
}

internal sealed class EmailDeliverySpec
{
    public string? To { get; set; }

    public MailLanguage? Language { get; set; }
}

/// <summary>Languages of the mail with the link, by their codes in BCP 47.</summary>
[JsonConverter(typeof(EnumNames<MailLanguage>))]
internal enum MailLanguage
{
    en,
    de,
    fr,
    it,
    es,
}

internal sealed class DeviceInvitationStatus
{
    public long? ObservedGeneration { get; set; }

    /// <summary>SHA-256 of the link's token, in lower-case hexadecimal.</summary>
    public string? TokenHash { get; set; }

    /// <summary>When the link expires, used or not.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    public string? SentTo { get; set; }

    public DateTimeOffset? SentAt { get; set; }

    /// <summary>Failed attempts since the last mail.</summary>
    public int? DeliveryAttempts { get; set; }

    /// <summary>Written before the attempt.</summary>
    public DateTimeOffset? LastDeliveryAttempt { get; set; }

    /// <summary>The value of <see cref="Annotations.Resend"/> that the last mail was sent for.</summary>
    public string? LastHandledResend { get; set; }

    public DateTimeOffset? ClaimedAt { get; set; }

    public ClaimedDeviceReference? DeviceRef { get; set; }

    public InvitationOffer? Offer { get; set; }

    public InvitationClaim? Claim { get; set; }

    public Condition[]? Conditions { get; set; }
}

/// <summary>The MailDevice that a claim created, by UID: another object of the same name is not it.</summary>
internal sealed class ClaimedDeviceReference
{
    public string Name { get; set; } = "";

    public string Uid { get; set; } = "";
}

/// <summary>All that the portal needs to show the page. It may read nothing but invitations.</summary>
internal sealed class InvitationOffer
{
    /// <summary>In lower case, as the backend stores it.</summary>
    public string Mailbox { get; set; } = "";

    /// <summary>The username for mail clients.</summary>
    public string Username { get; set; } = "";

    /// <summary>The display name of the device.</summary>
    public string DeviceName { get; set; } = "";

    public DeviceType? DeviceType { get; set; }

    /// <summary>The display name of the MailUser.</summary>
    public string Holder { get; set; } = "";

    /// <summary>The protocols that the password is for and the mail system serves.</summary>
    public MailProtocol[] Protocols { get; set; } = [];

    /// <summary>The endpoints of those protocols.</summary>
    public ServersSpec Client { get; set; } = new();

    public OfferedPassword Password { get; set; } = new();
}

/// <summary>How the portal generates the password, and whether it accepts one that the person types.</summary>
internal sealed class OfferedPassword
{
    /// <summary>Characters of a generated password.</summary>
    public int Length { get; set; }

    public PasswordAlphabet Alphabet { get; set; }

    /// <summary>The cost of bcrypt.</summary>
    public int WorkFactor { get; set; }

    public ChosenPasswordPolicy Chosen { get; set; }
}

/// <summary>
/// The claim of the person who opened the link and took the password. The portal writes it once, on the version of an
/// invitation that was ready and had no claim.
/// </summary>
internal sealed class InvitationClaim
{
    /// <summary>Differs for each link, browser and password.</summary>
    public string Id { get; set; } = "";

    public DateTimeOffset At { get; set; }

    /// <summary>
    /// The selector of the slot: the first characters of a generated password; random for a chosen one.
    /// </summary>
    public string Selector { get; set; } = "";

    public bool IsChosen { get; set; }

    /// <summary>The hash of the password, <c>$2y$…</c>. Removed once the Secret of the device has it.</summary>
    public string? Hash { get; set; }
}
