using System.Text.Json.Serialization;
using MailOperator.Kubernetes;

namespace MailOperator.Api;

/// <summary>A mail system: where it keeps credentials, what clients type in, and who may ask for which mailboxes.</summary>
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

    /// <summary>What becomes of the credential of a device whose grant is taken away.</summary>
    public GrantWithdrawal? GrantWithdrawn { get; set; }

    public HashingSpec? Hashing { get; set; }

    public BackendRotationSpec? Rotation { get; set; }

    public BackendExpirySpec? Expiry { get; set; }

    public DovecotSpec? Dovecot { get; set; }

    /// <summary>Passwords per minute that are replaced without a request.</summary>
    public int? MaxRotationsPerMinute { get; set; }

    public OrphanSpec? Orphans { get; set; }

    /// <summary>Whether the operator checks passwords by logging in to the mail server.</summary>
    public LoginVerification? Verification { get; set; }

    /// <summary>What mail clients are told: <see cref="Client"/>, or what a public mail system tells everybody.</summary>
    [JsonIgnore]
    public ClientSpec EffectiveClient => Client ?? (Infomaniak is null ? new ClientSpec() : InfomaniakSpec.PublicClient);
}

internal enum LoginVerification
{
    /// <summary>The operator logs in with new passwords, and with those of deleted devices.</summary>
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

internal enum GrantWithdrawal
{
    /// <summary>It keeps working; no new one is issued.</summary>
    Keep,

    /// <summary>It is revoked, and its Secret is deleted.</summary>
    Revoke,
}

internal sealed class HashingSpec
{
    /// <summary>bcrypt's cost: each step doubles the time of a hash and of a login.</summary>
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
    /// <summary>For devices that say nothing.</summary>
    public string? After { get; set; }

    /// <summary>The maximum that a device may ask for.</summary>
    public string? Maximum { get; set; }
}

/// <summary>What becomes of slots whose MailDevice is gone.</summary>
internal sealed class OrphanSpec
{
    public OrphanPolicy? Policy { get; set; }

    /// <summary>How long such a slot is left, such as "24h".</summary>
    public string? Grace { get; set; }
}

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

    /// <summary>Slots at the backend whose MailDevice is gone.</summary>
    public int? OrphanSlots { get; set; }

    /// <summary>Those that have been known for the longest time.</summary>
    public OrphanStatus[]? Orphans { get; set; }

    public Condition[]? Conditions { get; set; }
}

/// <summary>A slot whose MailDevice is gone, as the status shows it.</summary>
internal sealed record OrphanStatus
{
    public required string Mailbox { get; init; }

    /// <summary>The selector.</summary>
    public required string Id { get; init; }

    public required string DeviceUid { get; init; }

    public required DateTimeOffset Since { get; init; }
}
