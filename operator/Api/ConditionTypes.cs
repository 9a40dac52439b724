namespace MailOperator.Api;

/// <summary>Condition types. Those after <see cref="RevocationVerified"/> are there only while they are true.</summary>
internal static class ConditionTypes
{
    public const string Ready = "Ready";
    public const string CredentialIssued = "CredentialIssued";
    public const string BackendSynced = "BackendSynced";

    /// <summary>Present only where the backend verifies passwords.</summary>
    public const string Verified = "Verified";

    /// <summary>Present from the first password that ended, only where the backend verifies passwords.</summary>
    public const string RevocationVerified = "RevocationVerified";
    public const string Reconciling = "Reconciling";
    public const string Stalled = "Stalled";
    public const string RevocationPending = "RevocationPending";
    public const string Expiring = "Expiring";
    public const string Expired = "Expired";
    public const string Compromised = "Compromised";
    public const string RestartPending = "RestartPending";

    /// <summary>A rotation was requested that needs another invitation.</summary>
    public const string RotationRefused = "RotationRefused";
    public const string OrphansHeld = "OrphansHeld";

    /// <summary>On a DeviceInvitation that is mailed: whether the relay has taken the mail.</summary>
    public const string Delivered = "Delivered";

    /// <summary>On a DeviceInvitation from its claim on: whether the mail system accepts the password.</summary>
    public const string Claimed = "Claimed";
}
