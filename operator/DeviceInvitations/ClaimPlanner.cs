using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.DeviceInvitations;

/// <summary>
/// Decides what to do for a claim: records it, creates its MailDevice and repeats what that reports. Whether the device
/// may have the password (grants, quotas, its user) is judged there, as for every device. A pure function.
/// </summary>
/// <remarks>
/// The status may be anything: the portal writes it. What was decided once is in the <see cref="ClaimRecord"/>, and is
/// never decided again.
/// </remarks>
internal static class ClaimPlanner
{
    private const string NotIssued = "nothing was issued. Delete the invitation and make another";

    public static InvitationPlan Plan(InvitationSnapshot invitation, DateTimeOffset now) => invitation switch
    {
        { Record: { End: { } end } } => Ended(invitation, end),
        { Record: { Device: not null } record } => PlanDevice(invitation, record),
        { Record: { } record } => PlanAccepted(invitation, record, now),
        // The record was removed, or is of a release that kept none.
        { Device: DeviceFound.Own device } when device.Current is not null || invitation.Claim?.Hash is null => Keep(
            Creating(invitation),
            ClaimRecord.Of(invitation.Uid, invitation.Claim, now) with { Device = device.Uid }),
        { ReportedDevice: not null, Device: not DeviceFound.Own } => End(invitation, ClaimEnd.Unrecorded, now),
        { Claim: { } claim } => PlanClaim(invitation, claim, now),
        _ => Creating(invitation),
    };

    /// <summary>Records that the invitation never makes a device, whatever is written into its status later.</summary>
    public static InvitationPlan End(InvitationSnapshot invitation, ClaimEnd end, DateTimeOffset now) => Keep(
        Ended(invitation, end),
        (invitation.Record ?? ClaimRecord.Of(invitation.Uid, invitation.Claim, now)) with { End = end });

    /// <summary>What to report if the API server refuses what the claim needs.</summary>
    /// <param name="refusal">What it refuses, and what it answered.</param>
    public static InvitationPlan DeviceRefused(string refusal) =>
        new([], new InvitationVerdict(
            ReadyStatus.False,
            Reasons.DeviceRefused,
            $"A password was claimed, but the API server refuses {refusal}. "
            + "Remove the cause; the operator tries again every minute")
        {
            Claimed = ReadyStatus.False,
        });

    private static InvitationPlan PlanClaim(
        InvitationSnapshot invitation, InvitationClaim claim, DateTimeOffset now) => invitation switch
        {
            // The portal's own time of the claim proves nothing.
            _ when invitation.ExpiresAt <= now => End(invitation, ClaimEnd.Expired, now),
            _ when claim.IsChosen && !invitation.MayChoose => End(invitation, ClaimEnd.ChosenDenied, now),
            _ when claim.Hash is null || !ClaimedPasswords.IsWellFormed(claim) =>
                End(invitation, ClaimEnd.Malformed, now),
            _ when IsUnjudgeable(invitation) => NotAcceptedYet(invitation, now),
            _ when ClaimedPasswords.WorkFactorOf(claim.Hash) < invitation.WorkFactor =>
                End(invitation, ClaimEnd.WeakHash, now),
            _ => Keep(
                Creating(invitation),
                ClaimRecord.Of(invitation.Uid, claim, now).WithHash(claim.Hash)),
        };

    private static InvitationPlan PlanAccepted(
        InvitationSnapshot invitation, ClaimRecord record, DateTimeOffset now) => invitation switch
        {
            { Device: DeviceFound.Own device } => Keep(Creating(invitation), record with { Device = device.Uid }),
            _ when IsUnjudgeable(invitation) => NotAcceptedYet(invitation, now),
            _ when record.Read(invitation.Claim)?.Hash is null => End(invitation, ClaimEnd.Changed, now),
            { Device: DeviceFound.Foreign } => Waiting(
                invitation,
                Reasons.DeviceForeign,
                $"A password was claimed, but MailDevice '{invitation.DeviceName}' exists and was not created for this "
                + "invitation; delete that MailDevice, and the password is issued"),
            _ => Creating(invitation) with
            {
                Changes = [.. InvitationPlanner.Unlink(invitation), new InvitationChange.CreateDevice()],
            },
        };

    private static InvitationPlan PlanDevice(InvitationSnapshot invitation, ClaimRecord record) =>
        invitation.Device switch
        {
            // Accepted once is final: if the password ends or is restored later, the MailDevice reports it.
            DeviceFound.Own when record.IsConfirmed => Settled(
                invitation,
                $"MailDevice '{invitation.DeviceName}' has the claimed password, and the mail system accepts it"),
            DeviceFound.Own { Current: { } current } when record.Selector is null || record.Selector == current =>
                Keep(Creating(invitation), record with { IsConfirmed = true }),
            DeviceFound.Own { Ready: { Status: nameof(ReadyStatus.False), Reason: Reasons.HeldByPerson } } => Refused(
                invitation,
                $"The claim was lost before MailDevice '{invitation.DeviceName}' had the password; "
                + "delete the invitation and make another"),
            DeviceFound.Own device => Waiting(invitation, device),
            _ when record.IsConfirmed => Settled(
                invitation,
                $"The password was claimed, and MailDevice '{invitation.DeviceName}' has been deleted since, which "
                + "ended it; for a new password make another invitation"),
            _ => Refused(
                invitation,
                $"MailDevice '{invitation.DeviceName}' was deleted before the mail system accepted the password; "
                + "make another invitation"),
        };

    private static InvitationPlan Ended(InvitationSnapshot invitation, ClaimEnd end) => end switch
    {
        ClaimEnd.Expired when invitation is { Claim: null, Record: null or { Claim: null } } =>
            InvitationPlanner.Expired(invitation),
        ClaimEnd.Expired => Refused(
            invitation,
            "The operator saw the claim after the link had expired at "
            + $"{Rfc3339.Format(invitation.ExpiresAt)}; {NotIssued}"),
        ClaimEnd.ChosenDenied => Refused(
            invitation, $"The person typed a password, which spec.chosenPassword does not allow; {NotIssued}"),
        ClaimEnd.Malformed => Refused(
            invitation, $"The claim does not have the form that the portal writes; {NotIssued}"),
        ClaimEnd.WeakHash => Refused(
            invitation,
            "The hash in the claim has a lower work factor than spec.hashing.workFactor of the MailBackend; "
            + NotIssued),
        ClaimEnd.Changed => Refused(
            invitation,
            $"The claim was lost or replaced before MailDevice '{invitation.DeviceName}' was created; {NotIssued}"),
        _ => Refused(
            invitation,
            $"The status named a MailDevice of a claim, but MailDevice '{invitation.DeviceName}' of this invitation "
            + "does not exist, and no claim was recorded; delete the invitation and make another"),
    };

    // An invitation like this invites nobody, and nobody knows which hashes are good enough.
    private static bool IsUnjudgeable(InvitationSnapshot invitation) =>
        invitation.Problem is { Reason: Reasons.InvalidSpec } || invitation.WorkFactor is null;

    private static InvitationPlan NotAcceptedYet(InvitationSnapshot invitation, DateTimeOffset now) => Waiting(
        invitation,
        invitation.Problem?.Reason ?? Reasons.BackendUnavailable,
        "A password was claimed, but its MailDevice cannot be created: "
        + (invitation.Problem?.Message ?? "its MailBackend is not known")) with
    {
        RecheckAfter = InvitationPlanner.RecheckOf(invitation, now),
    };

    private static InvitationPlan Keep(InvitationPlan plan, ClaimRecord record) =>
        plan with { Changes = [new InvitationChange.KeepRecord(record), .. plan.Changes] };

    private static InvitationPlan Settled(InvitationSnapshot invitation, string message) => new(
        InvitationPlanner.Unlink(invitation),
        new InvitationVerdict(ReadyStatus.True, Reasons.Claimed, message)
        {
            Claimed = ReadyStatus.True,
            IsClaimSettled = true,
        });

    private static InvitationPlan Refused(InvitationSnapshot invitation, string message) => new(
        InvitationPlanner.Unlink(invitation),
        new InvitationVerdict(ReadyStatus.False, Reasons.ClaimRefused, message)
        {
            IsStalled = true,
            Claimed = ReadyStatus.False,
            IsClaimSettled = true,
        });

    private static InvitationPlan Waiting(InvitationSnapshot invitation, DeviceFound.Own device) =>
        device.Ready is { Status: nameof(ReadyStatus.False), Reason: not Reasons.Pending } ready
            ? Waiting(
                invitation,
                ready.Reason,
                $"A password was claimed, but MailDevice '{invitation.DeviceName}' does not have it yet: "
                + ready.Message)
            : Creating(invitation);

    private static InvitationPlan Creating(InvitationSnapshot invitation) => Waiting(
        invitation,
        Reasons.Pending,
        $"A password was claimed; MailDevice '{invitation.DeviceName}' is being created for it");

    private static InvitationPlan Waiting(InvitationSnapshot invitation, string reason, string message) => new(
        InvitationPlanner.Unlink(invitation),
        new InvitationVerdict(ReadyStatus.False, reason, message) { Claimed = ReadyStatus.False });
}
