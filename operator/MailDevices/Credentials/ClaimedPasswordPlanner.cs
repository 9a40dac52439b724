using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Claims;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Credentials;

/// <summary>
/// What is decided otherwise for a password that a person took through an invitation: it is known to nobody here, so
/// nothing replaces it. Its hash is kept, in the Secret and at the backend, and each makes the other whole. Pure.
/// </summary>
internal static class ClaimedPasswordPlanner
{
    /// <summary>Stands for the claim where only the backend still knows of the password.</summary>
    private const string UnknownClaim = "unknown";

    public static MailDevicePlan Plan(MailDeviceSnapshot device, DateTimeOffset now) => device.Secret switch
    {
        SecretState.Owned { IsGenuine: true, Credential.Origin: PasswordOrigin.Claimed } secret => Converge(device, secret, now),
        SecretState.Owned { IsGenuine: true } => Stalled(
            Reasons.InvalidSpec, "The Secret holds a password, so spec.password.invitationRef cannot be added; take it away, or delete this MailDevice and invite somebody"),
        _ when Known(device) is { } hash => Keep(device, hash),
        _ when device.Held is not ({ Claim: not null } or { IsClaimLost: true }) && device.ReportedCredentials.IsEmpty => new MailDevicePlan([], new DeviceVerdict(
            ReadyStatus.False, Reasons.Pending, $"Nobody has taken the password yet through DeviceInvitation '{device.Held?.Invitation}', of which this must be the MailDevice")),
        _ => Stalled(
            Reasons.HeldByPerson, "Nothing is left of the password that a person holds: neither the Secret nor the backend has its hash. Delete this MailDevice and invite the person again"),
    };

    private static MailDevicePlan Converge(MailDeviceSnapshot device, SecretState.Owned secret, DateTimeOffset now)
    {
        MailDevicePlan plan = ConvergencePlanner.Converge(device, secret, now);
        string again = $"invite the person again (DeviceInvitation '{device.Held?.Invitation}' was the last) and delete this MailDevice";
        return RotateRequest.IsRevocationAsked(device, secret) && !device.Desired!.Access.Restrictions.IsSuspended
            ? plan with
            {
                Verdict = new DeviceVerdict(
                    ReadyStatus.False, Reasons.HeldByPerson,
                    $"{Annotations.RotateAndRevoke} asks to replace a password that a person holds, and it still works. To end it at once delete this MailDevice or set spec.suspended; for another {again}")
                { IsStalled = true, ExpiringAt = plan.Verdict.ExpiringAt },
            }
            : RotateRequest.IsAsked(device.RotateToken, secret.Credential.HandledRotation)
            ? plan with { Verdict = plan.Verdict with { RefusedRotation = $"A person holds the password, so {Annotations.Rotate} changes nothing: {again}" } }
            : plan;
    }

    private static MailDevicePlan Keep(MailDeviceSnapshot device, ClaimedHash hash)
    {
        var over = device.Secret as SecretState.Owned;
        string reason = over is not null ? Reasons.SecretTampered
            : device.ReportedCredentials.Contains(hash.Selector) ? Reasons.SecretDeleted
            : Reasons.Issued;
        return new MailDevicePlan([new Change.CommitClaimedHash(hash, over, reason)], new DeviceVerdict(ReadyStatus.False, Reasons.Pending, "The password is being handed to the mail system"));
    }

    /// <summary>From the claim as long as that has it, else from the one slot that the device can have.</summary>
    private static ClaimedHash? Known(MailDeviceSnapshot device)
    {
        InvitationClaim? claim = device.Held?.Claim;
        if (claim is { Hash: { } claimed })
        {
            return new ClaimedHash(claim.Id, claim.Selector, claim.IsChosen, claimed);
        }

        Slot? slot = device.Slots.FirstOrDefault(one => one.Selector == claim?.Selector)
            ?? device.Slots.FirstOrDefault(one => device.ReportedCredentials.Contains(one.Selector))
            ?? (device.Slots is [{ } only] ? only : null);
        return slot is not null && ClaimedPasswords.IsHash(slot.Hash)
            ? new ClaimedHash(claim?.Id ?? UnknownClaim, slot.Selector, slot.IsChosen, slot.Hash)
            : null;
    }

    private static MailDevicePlan Stalled(string reason, string message) =>
        new([], new DeviceVerdict(ReadyStatus.False, reason, message) { IsStalled = true });
}
