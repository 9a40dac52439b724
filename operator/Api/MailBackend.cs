using System.Text.Json.Serialization;
using MailOperator.Kubernetes;

namespace MailOperator.Api;

/// <summary>
/// A mail system: where it stores credentials, its endpoints, and which namespaces may have which mailboxes.
/// </summary>
internal sealed class MailBackend : ApiObject
{
    public MailBackendSpec Spec { get; set; } = new();

    public MailBackendStatus? Status { get; set; }
}

internal sealed class MailBackendSpec
{
    public PasswdFileSpec? PasswdFile { get; set; }

    public SqlSpec? Sql { get; set; }

    public LdapSpec? Ldap { get; set; }

    public WebhookSpec? Webhook { get; set; }

    public InfomaniakSpec? Infomaniak { get; set; }

    public ClientSpec? Client { get; set; }

    public GrantSpec[]? Grants { get; set; }

    /// <summary>What happens to the credential of a device whose grant is withdrawn.</summary>
    public GrantWithdrawal? GrantWithdrawn { get; set; }

    public HashingSpec? Hashing { get; set; }

    public BackendRotationSpec? Rotation { get; set; }

    public BackendExpirySpec? Expiry { get; set; }

    public DovecotSpec? Dovecot { get; set; }

    /// <summary>The maximum number of automatic rotations per minute.</summary>
    public int? MaxRotationsPerMinute { get; set; }

    public OrphanSpec? Orphans { get; set; }

    /// <summary>Whether passwords are tried by logging in at the mail server.</summary>
    public LoginVerification? Verification { get; set; }
}

[JsonConverter(typeof(EnumNames<LoginVerification>))]
internal enum LoginVerification
{
    /// <summary>New passwords must be accepted; ended ones and those of deleted devices must be refused.</summary>
    Login,

    None,
}

/// <summary>One key of a Secret in a namespace.</summary>
internal sealed class SecretKeyReference
{
    public string Namespace { get; set; } = "";

    public string Name { get; set; } = "";

    public string? Key { get; set; }
}

[JsonConverter(typeof(EnumNames<GrantWithdrawal>))]
internal enum GrantWithdrawal
{
    /// <summary>The credential stays valid; no new one is issued.</summary>
    Keep,

    /// <summary>The credential is revoked and its Secret deleted.</summary>
    Revoke,
}

internal sealed class HashingSpec
{
    /// <summary>The cost of bcrypt: each step doubles the time of a hash and of a login.</summary>
    public int? WorkFactor { get; set; }
}

internal sealed class BackendRotationSpec
{
    public string? Interval { get; set; }

    public string? Overlap { get; set; }

    public RotationWindowSpec? Window { get; set; }
}

internal sealed class BackendExpirySpec
{
    /// <summary>For devices without <c>spec.expiry</c>.</summary>
    public string? After { get; set; }

    /// <summary>The maximum for devices.</summary>
    public string? Maximum { get; set; }
}

/// <summary>What happens to slots whose MailDevice does not exist.</summary>
internal sealed class OrphanSpec
{
    public OrphanPolicy? Policy { get; set; }

    /// <summary>How long such a slot is kept, such as "24h".</summary>
    public string? Grace { get; set; }
}

[JsonConverter(typeof(EnumNames<OrphanPolicy>))]
internal enum OrphanPolicy
{
    Remove,
    Report,
}

internal sealed class MailBackendStatus
{
    public long? ObservedGeneration { get; set; }

    public string[]? Capabilities { get; set; }

    /// <summary>MailDevices that use this backend.</summary>
    public int? Devices { get; set; }

    /// <summary>The number of slots whose MailDevice does not exist.</summary>
    public int? OrphanSlots { get; set; }

    /// <summary>Those that were seen first.</summary>
    public OrphanStatus[]? Orphans { get; set; }

    /// <summary>The number of slots that a deletionPolicy of Retain has left.</summary>
    public int? RetainedSlots { get; set; }

    /// <summary>The oldest of them.</summary>
    public RetainedStatus[]? Retained { get; set; }

    public Condition[]? Conditions { get; set; }
}

/// <summary>A slot whose MailDevice does not exist, as the status shows it.</summary>
internal sealed record OrphanStatus
{
    public required string Mailbox { get; init; }

    /// <summary>The selector.</summary>
    public required string Id { get; init; }

    public required string DeviceUid { get; init; }

    public required DateTimeOffset Since { get; init; }
}

/// <summary>A slot that a deletionPolicy of Retain has left, as the status shows it.</summary>
internal sealed record RetainedStatus
{
    public required string Namespace { get; init; }

    public required string Mailbox { get; init; }

    /// <summary>Name of the MailDevice that it was of.</summary>
    public required string Device { get; init; }

    /// <summary>The selector.</summary>
    public required string Id { get; init; }

    /// <summary>When the password was issued.</summary>
    public required DateTimeOffset Since { get; init; }
}
