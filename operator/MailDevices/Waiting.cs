using MailOperator.Api;
using MailOperator.MailDevices.Credentials;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;
using MailOperator.Reporting;

namespace MailOperator.MailDevices;

/// <summary>What is so while a device waits for its turn to get a password. Pure.</summary>
internal static class Waiting
{
    /// <summary>The verdict on the password that it has, or that it waits for one.</summary>
    /// <param name="device">The device as observed.</param>
    /// <param name="why">What it waits for, as a sentence.</param>
    /// <param name="now">The time.</param>
    public static DeviceVerdict VerdictOn(MailDeviceSnapshot device, string why, DateTimeOffset now)
    {
        MailDeviceSnapshot after = RevocationPlanner.Plan(device, mayGive: true, now).After;
        return after.Secret is SecretState.Owned { IsGenuine: true, IsDeleting: false } secret
            && after.Slots.Any(slot => slot.Selector == secret.Credential.Selector)
            && after.Desired is not null
            && !IsRefusedUntilTheNext(after)
                ? ConvergencePlanner.Converge(after, secret, now).Verdict
                : new DeviceVerdict(
                    ReadyStatus.False, Reasons.Pending, $"A password will be issued; it waits for its turn: {why}");
    }

    // A chosen password that leaked keeps its slot until the next one is committed, and is refused all the same.
    private static bool IsRefusedUntilTheNext(MailDeviceSnapshot device) =>
        device.Source is { Problem: null, IsInSecret: false } && RotateRequest.IsRevocationAsked(device);
}
