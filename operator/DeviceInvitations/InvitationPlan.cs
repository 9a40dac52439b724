using System.Collections.Immutable;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Reporting;

namespace MailOperator.DeviceInvitations;

/// <summary>What to do for an invitation, in this order, and what to say if all of it succeeds.</summary>
/// <param name="Changes">Each depends on those before it.</param>
/// <param name="Verdict">Its state as far as this plan can tell.</param>
/// <param name="RecheckAfter">When time alone will call for another look.</param>
internal sealed record InvitationPlan(
    ImmutableArray<InvitationChange> Changes, InvitationVerdict Verdict, TimeSpan? RecheckAfter = null);

/// <summary>An invitation's <see cref="Verdict"/>, with what its other conditions say.</summary>
/// <inheritdoc cref="Verdict"/>
internal sealed record InvitationVerdict(ReadyStatus Ready, string Reason, string Message)
    : Verdict(Ready, Reason, Message)
{
    /// <summary>Whether the claim is complete; null if there is none.</summary>
    public ReadyStatus? Claimed { get; init; }

    /// <summary>The hash of the claim is of no more use: kept elsewhere by now, or never to be issued.</summary>
    public bool IsClaimSettled { get; init; }
}

/// <summary>One step of a plan: a closed set.</summary>
internal abstract record InvitationChange
{
    private InvitationChange()
    {
    }

    /// <summary>A new token, in a Secret that must not exist.</summary>
    public sealed record MakeLink : InvitationChange;

    /// <summary>The same token under the address and with the end that are wanted now.</summary>
    public sealed record RepairLink(LinkState.Owned Link) : InvitationChange;

    /// <summary>Another token in the same Secret: the link before may have been used, and nobody can tell.</summary>
    public sealed record ReplaceLink(LinkState.Owned Link) : InvitationChange;

    public sealed record DeleteLink(LinkState.Owned Link) : InvitationChange;

    /// <summary>Writes the status, which names the link. Comes before <see cref="AddFinalizer"/>.</summary>
    public sealed record ReportLink : InvitationChange;

    /// <summary>
    /// Comes after the status names the link. So an invitation with the finalizer has had a link, and one that lost its
    /// status is not mistaken for a new one.
    /// </summary>
    public sealed record AddFinalizer : InvitationChange;

    /// <summary>
    /// One attempt to mail the link. The last change of a plan: it writes the status itself, before and after the
    /// attempt.
    /// </summary>
    public sealed record SendMail(LinkState.Owned Link, DeliveryFacts Delivery) : InvitationChange;

    /// <summary>The MailDevice of the claim, which must not exist.</summary>
    public sealed record CreateDevice : InvitationChange;

    public sealed record RemoveFinalizer : InvitationChange;
}
