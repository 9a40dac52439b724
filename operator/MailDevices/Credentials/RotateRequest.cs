using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.MailDevices.Credentials;

/// <summary>Whether the annotations ask for a rotation that is not done yet.</summary>
internal static class RotateRequest
{
    // An edited Secret must not be able to claim that a leak was handled.
    public static string HandledRevocation(MailDeviceSnapshot device, SecretState.Owned? secret) =>
        secret is { IsGenuine: true } ? secret.Credential.HandledRotateAndRevoke : device.ReportedRotateAndRevoke;

    public static bool IsRevocationAsked(MailDeviceSnapshot device, SecretState.Owned secret) =>
        IsAsked(device.RotateAndRevokeToken, HandledRevocation(device, secret));

    public static bool IsAsked(string token, string handled) => token.Length > 0 && token != handled;
}
