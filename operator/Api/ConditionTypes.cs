namespace MailOperator.Api;

/// <summary>
/// Condition types. Those from <see cref="Reconciling"/> to <see cref="OrphansHeld"/> are present only while they are
/// true.
/// </summary>
internal static class ConditionTypes
{
    public const string Ready = "Ready";
    public const string CredentialIssued = "CredentialIssued";
    public const string BackendSynced = "BackendSynced";

    /// <summary>Present only if the MailBackend has <c>verification: Login</c>.</summary>
    public const string Verified = "Verified";

    /// <summary>Present after the first password ended, only with <c>verification: Login</c>.</summary>
    public const string RevocationVerified = "RevocationVerified";

    public const string Reconciling = "Reconciling";
    public const string Stalled = "Stalled";
    public const string RevocationPending = "RevocationPending";

    /// <summary>
    /// The mail system refuses the password because the device or its user is suspended. Since when counts for mail
    /// servers that are told once all of them must refuse it.
    /// </summary>
    public const string Suspended = "Suspended";
    public const string Expiring = "Expiring";
    public const string Expired = "Expired";
    public const string Compromised = "Compromised";
    public const string RestartPending = "RestartPending";

    /// <summary>A rotation was requested, but a person holds the password: only a new invitation replaces it.</summary>
    public const string RotationRefused = "RotationRefused";

    /// <summary>A rotation was asked for with an annotation, and has not happened yet.</summary>
    public const string RotationPending = "RotationPending";

    /// <summary>Something that was set has no effect.</summary>
    public const string Ignored = "Ignored";

    /// <summary>On each of several MailBackends that are all marked as the default.</summary>
    public const string DefaultConflict = "DefaultConflict";

    /// <summary>Another operator issues passwords under the instance name of this one.</summary>
    public const string InstanceShared = "InstanceShared";

    /// <summary>Orphans are not removed until a person confirms it.</summary>
    public const string OrphansHeld = "OrphansHeld";

    /// <summary>On a DeviceInvitation with a delivery: whether the relay accepted the mail.</summary>
    public const string Delivered = "Delivered";

    /// <summary>On a DeviceInvitation after its claim: whether the mail system accepts the password.</summary>
    public const string Claimed = "Claimed";
}
