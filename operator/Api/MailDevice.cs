using System.Text.Json.Serialization;
using MailOperator.Kubernetes;

namespace MailOperator.Api;

/// <summary>One password for one mailbox, held by one device or application.</summary>
internal sealed class MailDevice : ApiObject
{
    public MailDeviceSpec Spec { get; set; } = new();

    public MailDeviceStatus? Status { get; set; }

    /// <summary>
    /// The UID that its passwords were made for: in their slots, and in the digest of its Secret. Its own, unless it
    /// was restored from a backup and goes on under the one that it had.
    /// </summary>
    [JsonIgnore]
    public string PasswordUid => Status?.AdoptedUid is { Length: > 0 } adopted ? adopted : Metadata.Uid;

    [JsonIgnore]
    public bool HasFinalizer => Metadata.Finalizers?.Contains(Finalizers.Revocation) ?? false;

    /// <summary>
    /// The MailBackend that has its passwords or is about to; null if there is none yet. The
    /// status counts: anybody who may write the device may write the annotation.
    /// </summary>
    [JsonIgnore]
    public string? BoundBackend =>
        Status?.Backend is { Length: > 0 } reported ? reported
        : HasFinalizer && Annotation(Annotations.Backend) is { Length: > 0 } begun ? begun
        : null;
}

internal sealed class MailDeviceSpec
{
    public ObjectReference? BackendRef { get; set; }

    public string Mailbox { get; set; } = "";

    public string? DisplayName { get; set; }

    public DeviceType? DeviceType { get; set; }

    public ObjectReference? UserRef { get; set; }

    public MailProtocol[]? Protocols { get; set; }

    public string[]? AllowedNetworks { get; set; }

    public PasswordSpec? Password { get; set; }

    public SecretSpec? Secret { get; set; }

    public DeviceRotationSpec? Rotation { get; set; }

    public DeviceExpirySpec? Expiry { get; set; }

    public bool? Suspended { get; set; }

    public RolloutTargetSpec[]? RolloutRestartTargets { get; set; }

    public DeletionPolicy? DeletionPolicy { get; set; }
}

/// <summary>A reference by name to an object whose kind the field implies.</summary>
internal sealed class ObjectReference
{
    public string Name { get; set; } = "";
}

[JsonConverter(typeof(EnumNames<DeviceType>))]
internal enum DeviceType
{
    Application,
    Computer,
    Phone,
    Tablet,
    Other,
}

[JsonConverter(typeof(EnumNames<MailProtocol>))]
internal enum MailProtocol
{
    IMAP,
    POP3,
    SMTP,
}

[JsonConverter(typeof(EnumNames<DeletionPolicy>))]
internal enum DeletionPolicy
{
    /// <summary>Deleting the MailDevice revokes the credential.</summary>
    Revoke,

    /// <summary>Deleting the MailDevice keeps the credential at the backend.</summary>
    Retain,
}

internal sealed class PasswordSpec
{
    /// <summary>Characters of a generated password.</summary>
    public int? Length { get; set; }

    public PasswordAlphabet? Alphabet { get; set; }

    /// <summary>Where a chosen password is; null if the password is generated.</summary>
    public PasswordSource? ValueFrom { get; set; }

    /// <summary>The invitation with which a person took the password. The operator keeps only its hash.</summary>
    public ObjectReference? InvitationRef { get; set; }
}

/// <summary>Where a chosen password is stored.</summary>
internal sealed class PasswordSource
{
    public LocalSecretKeyReference SecretKeyRef { get; set; } = new();
}

/// <summary>One key of a Secret in the namespace of the object that names it.</summary>
internal sealed class LocalSecretKeyReference
{
    public string Name { get; set; } = "";

    public string Key { get; set; } = "";
}

[JsonConverter(typeof(EnumNames<PasswordAlphabet>))]
internal enum PasswordAlphabet
{
    Alphanumeric,
    Lowercase,
    WithSymbols,
}

internal sealed class SecretSpec
{
    public string? Name { get; set; }

    public string? Type { get; set; }

    public Dictionary<string, string>? Labels { get; set; }

    public Dictionary<string, string>? Annotations { get; set; }

    /// <summary>Further keys, and the Liquid templates of their values.</summary>
    public Dictionary<string, string>? Data { get; set; }
}

internal sealed class DeviceRotationSpec
{
    /// <summary>How often the password is rotated automatically, such as "90d".</summary>
    public string? Interval { get; set; }

    /// <summary>How long the previous password stays valid, such as "24h".</summary>
    public string? Overlap { get; set; }

    public RotationWindowSpec? Window { get; set; }
}

/// <summary>When automatic rotations may happen.</summary>
internal sealed class RotationWindowSpec
{
    /// <summary>When it opens: five fields, such as "0 2 * * SUN".</summary>
    public string Cron { get; set; } = "";

    /// <summary>How long it stays open, such as "4h".</summary>
    public string Duration { get; set; } = "";

    /// <summary>The time zone of the cron expression, such as "Europe/Zurich".</summary>
    public string? TimeZone { get; set; }
}

/// <summary>When the device expires: exactly one of the two.</summary>
internal sealed class DeviceExpirySpec
{
    public DateTimeOffset? At { get; set; }

    /// <summary>Counted from the creation of the MailDevice, such as "7d".</summary>
    public string? After { get; set; }
}

/// <summary>A workload in the namespace of the device.</summary>
internal sealed class RolloutTargetSpec
{
    public RolloutKind Kind { get; set; }

    public string Name { get; set; } = "";
}

[JsonConverter(typeof(EnumNames<RolloutKind>))]
internal enum RolloutKind
{
    Deployment,
    StatefulSet,
    DaemonSet,
}

/// <summary>The version of a MailUser whose restrictions the mail system enforces.</summary>
internal sealed record EnforcedUser
{
    /// <summary>A MailUser that was deleted and created again has another one.</summary>
    public string? Uid { get; set; }

    public long? Generation { get; set; }

    /// <summary>Denied while the mail system refuses to send with a password of the device.</summary>
    public SendingRight? Sending { get; set; }

    /// <summary>Whether it is this version of the user.</summary>
    public bool IsOf(string uid, long? generation) => Uid == uid && Generation == generation;
}
