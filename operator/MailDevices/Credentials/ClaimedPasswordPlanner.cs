using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Claims;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Credentials;

/// <summary>
/// What differs for a password that a person claimed through an invitation. The operator does not know it, so it cannot
/// replace it. Its hash is in the Secret and at the backend, and either one can be restored from the other. Pure.
/// </summary>
internal static class ClaimedPasswordPlanner
{
    /// <summary>Stored as the claim's id when the hash comes from the backend and the claim is not known.</summary>
    private const string UnknownClaim = "unknown";

    public static MailDevicePlan Plan(MailDeviceSnapshot device, DateTimeOffset now) => device.Secret switch
    {
        SecretState.Owned { IsGenuine: true, Credential.Origin: PasswordOrigin.Claimed } secret =>
            Converge(device, secret, now),
        SecretState.Owned { IsGenuine: true } => Stalled(
            Reasons.InvalidSpec,
            "The Secret contains a password, so spec.password.invitationRef cannot be added; "
            + "remove it, or delete this MailDevice and invite a person"),
        _ when FindHash(device) is { } hash => Commit(device, hash),
        _ when IsUnclaimed(device) => new MailDevicePlan([], new DeviceVerdict(
            ReadyStatus.False,
            Reasons.Pending,
            "Nobody has claimed a password for this MailDevice yet through "
            + $"DeviceInvitation '{device.ClaimedPassword?.Invitation}'")),
        _ => Stalled(
            Reasons.HeldByPerson,
            "A person has claimed the password, but neither the Secret nor the backend has its hash. "
            + "Delete this MailDevice and invite the person again"),
    };

    private static bool IsUnclaimed(MailDeviceSnapshot device) =>
        device.ClaimedPassword is not ({ Claim: not null } or { IsClaimLost: true })
        && device.ReportedCredentials.IsEmpty;

    private static MailDevicePlan Converge(MailDeviceSnapshot device, SecretState.Owned secret, DateTimeOffset now)
    {
        MailDevicePlan plan = ConvergencePlanner.Converge(device, secret, now);
        string replaceIt = "invite the person again and delete this MailDevice "
            + $"(its DeviceInvitation was '{device.ClaimedPassword?.Invitation}')";
        if (RotateRequest.IsRevocationAsked(device) && !device.Desired!.Access.Restrictions.IsSuspended)
        {
            var verdict = new DeviceVerdict(
                ReadyStatus.False,
                Reasons.HeldByPerson,
                $"{Annotations.RotateAndRevoke} cannot replace a password that a person has claimed, and it still "
                + $"works. To end it now, delete this MailDevice or set spec.suspended. To replace it, {replaceIt}");
            return plan with { Verdict = verdict with { IsStalled = true, ExpiringAt = plan.Verdict.ExpiringAt } };
        }

        if (!RotateRequest.IsAsked(device.RotateToken, secret.Credential.HandledRotation))
        {
            return plan;
        }

        string refusal = $"A person has claimed the password, so {Annotations.Rotate} cannot replace it. "
            + $"To replace it, {replaceIt}";
        return plan with { Verdict = plan.Verdict with { RefusedRotation = refusal } };
    }

    private static MailDevicePlan Commit(MailDeviceSnapshot device, ClaimedHash hash)
    {
        var tampered = device.Secret as SecretState.Owned; // Plan handles a genuine one
        string reason = tampered is not null ? Reasons.SecretTampered
            : device.ReportedCredentials.Contains(hash.Selector) ? Reasons.SecretDeleted
            : Reasons.Issued;
        return new MailDevicePlan(
            [new Change.CommitClaimedHash(hash, tampered, reason)],
            new DeviceVerdict(
                ReadyStatus.False, Reasons.Pending, "The hash of the password is being written to the mail system"));
    }

    /// <summary>The hash in the claim, or else the hash in the device's only slot; null if there is neither.</summary>
    private static ClaimedHash? FindHash(MailDeviceSnapshot device)
    {
        InvitationClaim? claim = device.ClaimedPassword?.Claim;
        if (claim is { Hash: { } claimedHash })
        {
            return new ClaimedHash(claim.Id, claim.Selector, claim.IsChosen, claimedHash);
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
