using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.Reporting;

namespace MailOperator.DeviceInvitations;

/// <summary>
/// Decides what becomes of a claim. Whether the MailDevice may have its password (grants, quotas, its user) is judged where
/// every device is: it is made, and what it says is repeated here. Pure.
/// </summary>
internal static class ClaimPlanner
{
    public static InvitationPlan Plan(InvitationSnapshot invitation) => invitation switch
    {
        // What was accepted once stays so: that its password has ended since, or is put back, is the MailDevice's to tell.
        { Device: DeviceFound.Own device } when invitation.WasClaimReported || Accepted(invitation, device) => Settled(
            invitation, $"MailDevice '{invitation.DeviceName}' has the password that the person took, and the mail system accepts it"),
        { Device: DeviceFound.Own { Ready: { Status: "False", Reason: Reasons.HeldByPerson } } } => Refused(
            invitation, Reasons.ClaimRefused,
            $"The claim was lost before MailDevice '{invitation.DeviceName}' had the password, and nothing is left of it; delete the invitation and make another"),
        { Device: DeviceFound.Own device } => Waiting(invitation, device),
        { ReportedDevice: { } made, WasClaimReported: true } => Settled(
            invitation, $"The person took the password, and MailDevice '{made.Name}' has been deleted since, which ended it; for another make another invitation"),
        { ReportedDevice: { } made } => Refused(
            invitation, Reasons.ClaimRefused, $"MailDevice '{made.Name}' was deleted before the mail system accepted the password; make another invitation"),
        { Claim: { } claim } when Problem(invitation, claim) is { } problem => Refused(invitation, Reasons.ClaimRefused, problem),
        { Device: DeviceFound.Foreign } => Waiting(
            invitation, Reasons.DeviceForeign,
            $"The person took a password, and MailDevice '{invitation.DeviceName}' exists and did not come of this invitation; delete it, and the password is issued"),
        _ => new InvitationPlan([.. InvitationPlanner.Unlink(invitation), new InvitationChange.CreateDevice()], Handing(invitation)),
    };

    /// <summary>What to say where the API server refuses the MailDevice.</summary>
    public static InvitationPlan NotLetIn(InvitationSnapshot invitation, string refusal) => new([], new InvitationVerdict(
        ReadyStatus.False, Reasons.DeviceRefused,
        $"The person took a password, and MailDevice '{invitation.DeviceName}' cannot be made for it: {refusal}. See to it; it is tried again by itself")
    {
        Claimed = ReadyStatus.False,
    });

    // Where the claim itself was lost with the status, the device is the witness that there was one.
    private static bool Accepted(InvitationSnapshot invitation, DeviceFound.Own device) =>
        device.Current is { } current && (invitation.Claim is not { } claim || claim.Selector == current);

    // A refused claim loses its hash, and the next reconcile must give the same reason: so the hash is judged last.
    private static string? Problem(InvitationSnapshot invitation, InvitationClaim claim) => claim switch
    {
        _ when claim.At > invitation.ExpiresAt =>
            "The claim came after the link had ended; nothing was issued. Delete the invitation and make another",
        { IsChosen: true } when !invitation.MayChoose =>
            "The person typed a password, which spec.chosenPassword does not allow; nothing was issued. Delete the invitation and make another",
        _ when claim.Hash is null || !ClaimedPasswords.IsWellFormed(claim) =>
            "The claim is not what the portal writes; nothing was issued. Delete the invitation and make another",
        _ => null,
    };

    private static InvitationPlan Settled(InvitationSnapshot invitation, string message) => new(
        InvitationPlanner.Unlink(invitation),
        new InvitationVerdict(ReadyStatus.True, Reasons.Claimed, message) { Claimed = ReadyStatus.True, IsClaimSettled = true });

    private static InvitationPlan Refused(InvitationSnapshot invitation, string reason, string message) => new(
        InvitationPlanner.Unlink(invitation),
        new InvitationVerdict(ReadyStatus.False, reason, message) { IsStalled = true, Claimed = ReadyStatus.False, IsClaimSettled = true });

    private static InvitationPlan Waiting(InvitationSnapshot invitation, DeviceFound.Own device) =>
        device.Ready is { Status: "False", Reason: not Reasons.Pending } ready
            ? Waiting(invitation, ready.Reason, $"The person took a password, and MailDevice '{invitation.DeviceName}' does not have it yet: {ready.Message}")
            : new InvitationPlan(InvitationPlanner.Unlink(invitation), Handing(invitation));

    private static InvitationPlan Waiting(InvitationSnapshot invitation, string reason, string message) => new(
        InvitationPlanner.Unlink(invitation), new InvitationVerdict(ReadyStatus.False, reason, message) { Claimed = ReadyStatus.False });

    private static InvitationVerdict Handing(InvitationSnapshot invitation) => new(
        ReadyStatus.False, Reasons.Pending, $"The person took a password; MailDevice '{invitation.DeviceName}' is being made for it")
    {
        Claimed = ReadyStatus.False,
    };
}
