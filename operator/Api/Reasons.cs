namespace MailOperator.Api;

/// <summary>The closed list of reasons in conditions and events.</summary>
internal static class Reasons
{
    public const string Issued = "Issued";
    public const string Rotating = "Rotating";
    public const string Retiring = "Retiring";
    public const string Pending = "Pending";
    public const string BackendUnavailable = "BackendUnavailable";
    public const string BackendUnauthorized = "BackendUnauthorized";
    public const string BackendRejected = "BackendRejected";
    public const string NotAllowed = "NotAllowed";
    public const string QuotaExceeded = "QuotaExceeded";
    public const string SecretForeign = "SecretForeign";
    public const string SecretTampered = "SecretTampered";
    public const string SecretDeleted = "SecretDeleted";
    public const string LoginAccepted = "LoginAccepted";
    public const string LoginRefused = "LoginRefused";
    public const string VerificationFailed = "VerificationFailed";
    public const string VerificationSkipped = "VerificationSkipped";
    public const string MailServerUnreachable = "MailServerUnreachable";
    public const string SlotMissing = "SlotMissing";
    public const string Unsupported = "Unsupported";
    public const string PasswordSourceMissing = "PasswordSourceMissing";
    public const string PasswordUnchanged = "PasswordUnchanged";
    public const string InvalidSpec = "InvalidSpec";
    public const string RevocationBlocked = "RevocationBlocked";
    public const string RevocationAbandoned = "RevocationAbandoned";
    public const string Revoked = "Revoked";
    public const string Suspended = "Suspended";
    public const string Expiring = "Expiring";
    public const string Expired = "Expired";
    public const string Paused = "Paused";
    public const string UserNotFound = "UserNotFound";
    public const string UserSuspended = "UserSuspended";
    public const string UserReady = "UserReady";
    public const string UserInUse = "UserInUse";
    public const string Restarted = "Restarted";
    public const string RestartTargetMissing = "RestartTargetMissing";
    public const string RestartRefused = "RestartRefused";
    public const string BackendReady = "BackendReady";
    public const string BackendInUse = "BackendInUse";
    public const string OrphansFound = "OrphansFound";
    public const string OrphansHeld = "OrphansHeld";
    public const string OrphansRemoved = "OrphansRemoved";
    public const string HeldByPerson = "HeldByPerson";
    public const string PortalMissing = "PortalMissing";
    public const string LinkReady = "LinkReady";
    public const string LinkLost = "LinkLost";
    public const string DeviceForeign = "DeviceForeign";
    public const string ClaimRefused = "ClaimRefused";
    public const string Claimed = "Claimed";
    public const string Delivered = "Delivered";
    public const string DeliveryFailed = "DeliveryFailed";
}
