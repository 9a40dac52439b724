using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.Reporting;

namespace MailOperator.DeviceInvitations;

/// <summary>
/// Decides what to do for a claim: creates its MailDevice and repeats what that reports. Whether the device may have
/// the password (grants, quotas, its user) is judged there, as for every device. A pure function.
/// </summary>
internal static class ClaimPlanner
{
    private const string NotIssued = "nothing was issued. Delete the invitation and make another";

    public static InvitationPlan Plan(InvitationSnapshot invitation) => invitation switch
    {
        // Accepted once is final: if the password ends or is restored later, the MailDevice reports it.
        { Device: DeviceFound.Own device } when invitation.WasClaimReported || IsAccepted(invitation, device) =>
            Settled(
                invitation,
                $"MailDevice '{invitation.DeviceName}' has the claimed password, and the mail system accepts it"),
        { Device: DeviceFound.Own { Ready: { Status: nameof(ReadyStatus.False), Reason: Reasons.HeldByPerson } } } =>
            Refused(
                invitation,
                $"The claim was lost before MailDevice '{invitation.DeviceName}' had the password; "
                + "delete the invitation and make another"),
        { Device: DeviceFound.Own device } => Waiting(invitation, device),
        { ReportedDevice: { } created, WasClaimReported: true } => Settled(
            invitation,
            $"The password was claimed, and MailDevice '{created.Name}' has been deleted since, which ended it; "
            + "for a new password make another invitation"),
        { ReportedDevice: { } created } => Refused(
            invitation,
            $"MailDevice '{created.Name}' was deleted before the mail system accepted the password; "
            + "make another invitation"),
        { Claim: { } claim } when Problem(invitation, claim) is { } problem => Refused(invitation, problem),
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

    /// <summary>What to report if the API server refuses to create the MailDevice.</summary>
    /// <param name="invitation">The invitation.</param>
    /// <param name="refusal">What the API server answered.</param>
    public static InvitationPlan DeviceRefused(InvitationSnapshot invitation, string refusal) =>
        new([], new InvitationVerdict(
            ReadyStatus.False,
            Reasons.DeviceRefused,
            $"A password was claimed, but the API server refuses MailDevice '{invitation.DeviceName}': {refusal}. "
            + "Remove the cause; the operator tries again every minute")
        {
            Claimed = ReadyStatus.False,
        });

    // If the claim was lost with the status, the device proves that there was one.
    private static bool IsAccepted(InvitationSnapshot invitation, DeviceFound.Own device) =>
        device.Current is { } current && (invitation.Claim is not { } claim || claim.Selector == current);

    // A refused claim loses its hash, and the next reconcile must give the same reason: so the hash is judged last.
    private static string? Problem(InvitationSnapshot invitation, InvitationClaim claim) => claim switch
    {
        _ when claim.At > invitation.ExpiresAt => $"The claim was made after the link had expired; {NotIssued}",
        { IsChosen: true } when !invitation.MayChoose =>
            $"The person typed a password, which spec.chosenPassword does not allow; {NotIssued}",
        _ when claim.Hash is null || !ClaimedPasswords.IsWellFormed(claim) =>
            $"The claim does not have the form that the portal writes; {NotIssued}",
        _ => null,
    };

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
