using System.Text.Json.Serialization;
using MailOperator.Kubernetes;

namespace MailOperator.Api;

internal sealed class MailDeviceStatus
{
    public long? ObservedGeneration { get; set; }

    /// <summary>
    /// The generation of the spec whose restrictions the mail system enforces: suspension, protocols, networks.
    /// </summary>
    public long? EnforcedGeneration { get; set; }

    /// <summary>What the mail system enforces of the MailUser that <c>spec.userRef</c> names.</summary>
    public EnforcedUser? EnforcedUser { get; set; }

    /// <summary>
    /// How many passwords the device has had. A Secret that records fewer was put back, and is not believed.
    /// </summary>
    public int? Epoch { get; set; }

    public string? LastHandledRotation { get; set; }

    public string? LastHandledRotateAndRevoke { get; set; }

    public string? LastHandledReconcileAt { get; set; }

    public string? Backend { get; set; }

    public string? Username { get; set; }

    public ObjectReference? Binding { get; set; }

    /// <summary>
    /// Proves that the operator has checked the Secret at this version, so that it need not read each Secret after a
    /// restart. An HMAC with the operator's key.
    /// </summary>
    public string? SecretDigest { get; set; }

    /// <summary>
    /// The UID that the device had before it was restored from a backup, if it goes on with the passwords of then.
    /// </summary>
    public string? AdoptedUid { get; set; }

    public CredentialStatus[]? Credentials { get; set; }

    public DateTimeOffset? IssuedAt { get; set; }

    public DateTimeOffset? NextRotationTime { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public LastUse? LastUse { get; set; }

    /// <summary>Written and removed together with the condition RevocationVerified.</summary>
    public RevocationCheck? RevocationCheck { get; set; }

    public Condition[]? Conditions { get; set; }
}

/// <summary>A credential as the status shows it. Informative: it is rebuilt from the Secret and the backend.</summary>
internal sealed record CredentialStatus
{
    /// <summary>The selector: the first characters of a generated password. Not secret.</summary>
    public required string Id { get; init; }

    public required CredentialState State { get; init; }

    public DateTimeOffset? IssuedAt { get; init; }

    public DateTimeOffset? RetireAt { get; init; }
}

/// <summary>The last login of a device.</summary>
internal sealed record LastUse
{
    /// <summary>Whole seconds, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The address of the client.</summary>
    public string? Address { get; init; }

    public MailProtocol? Protocol { get; init; }
}

/// <summary>The password that the condition RevocationVerified is about.</summary>
internal sealed record RevocationCheck
{
    /// <summary>The selector.</summary>
    public required string Id { get; init; }

    /// <summary>Whole seconds, UTC.</summary>
    public required DateTimeOffset EndedAt { get; init; }
}

[JsonConverter(typeof(EnumNames<CredentialState>))]
internal enum CredentialState
{
    Current,
    Retiring,
}
