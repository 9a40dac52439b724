using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.MailDevices.Credentials;

/// <summary>Whether the annotations ask for a rotation that was not made yet.</summary>
internal static class RotateRequest
{
    // An edited Secret must not claim that a leak was dealt with.
    public static string AnsweredRevocation(MailDeviceSnapshot device, SecretState.Owned? secret) =>
        secret is { IsGenuine: true } ? secret.Credential.HandledRotateAndRevoke : device.ReportedRotateAndRevoke;

    public static bool IsRevocationAsked(MailDeviceSnapshot device, SecretState.Owned secret) =>
        IsAsked(device.RotateAndRevokeToken, AnsweredRevocation(device, secret));

    public static bool IsAsked(string token, string handled) => token.Length > 0 && token != handled;
}
