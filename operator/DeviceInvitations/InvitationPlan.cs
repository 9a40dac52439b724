using System.Collections.Immutable;
using MailOperator.Claims;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Reporting;

namespace MailOperator.DeviceInvitations;

/// <summary>What to do for an invitation, and what to report if all of it succeeds.</summary>
/// <param name="Changes">In this order: each depends on those before it.</param>
/// <param name="Verdict">The invitation's state as far as this plan can tell.</param>
/// <param name="RecheckAfter">When to reconcile again if nothing happens before; null for no such time.</param>
internal sealed record InvitationPlan(
    ImmutableArray<InvitationChange> Changes, InvitationVerdict Verdict, TimeSpan? RecheckAfter = null);

/// <summary>An invitation's <see cref="Verdict"/>, with what its other conditions say.</summary>
/// <inheritdoc cref="Verdict"/>
internal sealed record InvitationVerdict(ReadyStatus Ready, string Reason, string Message)
    : Verdict(Ready, Reason, Message)
{
    /// <summary>Whether the mail system accepts the claimed password; null if there is no claim.</summary>
    public ReadyStatus? Claimed { get; init; }

    /// <summary>
    /// The hash in the claim is no longer needed: the device's Secret has it, or the password is never issued.
    /// </summary>
    public bool IsClaimSettled { get; init; }

    /// <summary>What the invitation lacks may be created at the same time, so that no event warns of it yet.</summary>
    public bool MayStillCome { get; init; }
}

/// <summary>One step of a plan: a closed set.</summary>
internal abstract record InvitationChange
{
    private InvitationChange()
    {
    }

    /// <summary>Creates the Secret with a new token. It must not exist.</summary>
    public sealed record MakeLink : InvitationChange;

    /// <summary>Keeps the token; corrects the portal's address, the end and the metadata.</summary>
    public sealed record RepairLink(LinkState.Owned Link) : InvitationChange;

    /// <summary>
    /// Writes a new token into the same Secret, because the old link may have been used and nobody can tell.
    /// </summary>
    public sealed record ReplaceLink(LinkState.Owned Link) : InvitationChange;

    /// <summary>Deletes the link's Secret.</summary>
    public sealed record DeleteLink(LinkState.Owned Link) : InvitationChange;

    /// <summary>Writes the status, which names the link. Comes before <see cref="AddFinalizer"/>.</summary>
    public sealed record ReportLink : InvitationChange;

    /// <summary>
    /// Comes after the status names the link. So an invitation with the finalizer has had a link, and one that lost its
    /// status is not mistaken for a new one.
    /// </summary>
    public sealed record AddFinalizer : InvitationChange;

    /// <summary>
    /// Makes one attempt to mail the link. The last change of a plan: it writes the status itself, before and after the
    /// attempt.
    /// </summary>
    public sealed record SendMail(LinkState.Owned Link, DeliveryFacts Delivery) : InvitationChange;

    /// <summary>
    /// Writes what was decided about the claim, over the version that was observed. Comes before what follows from it.
    /// </summary>
    public sealed record KeepRecord(ClaimRecord Record) : InvitationChange;

    /// <summary>Creates the MailDevice of the claim. It must not exist.</summary>
    public sealed record CreateDevice : InvitationChange;

    /// <summary>Lets the invitation go, after its link was deleted.</summary>
    public sealed record RemoveFinalizer : InvitationChange;
}
