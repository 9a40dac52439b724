namespace MailOperator.MailDevices.Planning;

/// <summary>Whether the annotations ask for a rotation that is not done yet.</summary>
internal static class RotateRequest
{
    /// <summary>
    /// The last handled value of rotate-and-revoke. An edited Secret must not be able to claim that a leak was handled.
    /// </summary>
    public static string HandledRevocation(MailDeviceSnapshot device) =>
        device.TrustedRecord?.HandledRotateAndRevoke ?? device.ReportedRotateAndRevoke;

    public static bool IsRevocationAsked(MailDeviceSnapshot device) =>
        IsAsked(device.RotateAndRevokeToken, HandledRevocation(device));

    /// <summary>
    /// Whether the cached device is at least as new as the last handled token: its status names what the Secret names.
    /// An older one would have the operator handle its old token again.
    /// </summary>
    public static bool IsCurrent(MailDeviceSnapshot device) =>
        device.TrustedRecord is { } record
        && record.HandledRotation == device.ReportedRotation
        && record.HandledRotateAndRevoke == device.ReportedRotateAndRevoke;

    public static bool IsAsked(string token, string handled) => token.Length > 0 && token != handled;
}
