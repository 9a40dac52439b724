using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.DeviceInvitations;

/// <summary>Decides, and only decides, what becomes of an invitation: no clock, no client, no logger.</summary>
internal static class InvitationPlanner
{
    /// <summary>Nothing tells of a foreign Secret's removal or of a free place, so they are looked for.</summary>
    public static readonly TimeSpan Recheck = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan BusyRecheck = TimeSpan.FromSeconds(2);

    public static InvitationPlan Plan(InvitationSnapshot invitation, DateTimeOffset now) => invitation switch
    {
        { IsDeleting: true, HasFinalizer: false } => Nothing(ReadyStatus.False, Reasons.Revoked, "Deleted"),
        { IsDeleting: true } => new InvitationPlan(
            [.. Unlink(invitation), new InvitationChange.RemoveFinalizer()], new InvitationVerdict(ReadyStatus.False, Reasons.Revoked, "The link is being ended")),
        { IsNamespaceGoing: true } => Nothing(ReadyStatus.False, Reasons.Pending, "The namespace is being deleted, and this invitation with it"),
        { Claim: not null } or { ReportedDevice: not null } or { Device: DeviceFound.Own } => ClaimPlanner.Plan(invitation),
        { ExpiresAt: var end } when end <= now && !(invitation.Problem is { Reason: Reasons.InvalidSpec }) => new InvitationPlan(
            Unlink(invitation),
            new InvitationVerdict(ReadyStatus.False, Reasons.Expired, $"Nobody used the link before {Rfc3339.Format(end)}; delete the invitation and make another") { IsStalled = true }),
        { Problem: { } problem } => new InvitationPlan(
            [],
            new InvitationVerdict(ReadyStatus.False, problem.Reason, problem.Message) { IsStalled = problem.Reason is not (Reasons.BackendUnavailable or Reasons.QuotaExceeded) },
            Until(invitation, now, problem.Reason == Reasons.QuotaExceeded ? now + Recheck : null)),
        { Device: DeviceFound.Foreign } => Stalled(
            Reasons.DeviceForeign,
            $"MailDevice '{invitation.DeviceName}' exists and did not come of this invitation; delete it, or make another invitation with another spec.device.name"),
        { Link: LinkState.Foreign foreign } => Stalled(
            Reasons.SecretForeign,
            $"Secret '{invitation.LinkSecretName}' exists and {foreign.Owner}; it is left alone. Remove it, or make another invitation with another spec.linkSecret.name") with
        {
            RecheckAfter = Recheck,
        },
        { Link: LinkState.Owned { IsDeleting: true } } => new InvitationPlan(
            [], new InvitationVerdict(ReadyStatus.False, Reasons.Pending, "The Secret with the link is being deleted; a new link follows"), BusyRecheck),
        { Link: LinkState.Absent, IsLinkUnaccounted: true } => Stalled(
            Reasons.LinkLost, "Its status and the Secret with its link are both gone, so nobody can tell whether the link was used; delete the invitation and make another"),
        { Link: LinkState.Owned link, IsLinkUnaccounted: true } => Linking(new InvitationChange.ReplaceLink(link)),
        { Link: LinkState.Absent } => Linking(new InvitationChange.MakeLink()),
        { Link: LinkState.Owned { IsGenuine: false } link } => Linking(new InvitationChange.DeleteLink(link), new InvitationChange.MakeLink()),
        { HasFinalizer: false, WasLinkReported: false } => Linking(new InvitationChange.ReportLink()),
        { HasFinalizer: false } => Linking(new InvitationChange.AddFinalizer()),
        { Link: LinkState.Owned link } => new InvitationPlan(
            LinkChanges(invitation, link, now),
            new InvitationVerdict(
                ReadyStatus.True, Reasons.LinkReady,
                $"The link in Secret '{link.Name}' can be used once, until {Rfc3339.Format(invitation.ExpiresAt)}"
                + (invitation.IsChoiceRefused ? "; the person may not type a password of their own, because no grant of the MailBackend allows it (chosenPasswords) or it takes none" : "")),
            RecheckOf(invitation, now)),
        _ => Linking(),
    };

    /// <summary>The link's Secret removed, if it is this invitation's: a link that is of no more use is not left lying about.</summary>
    public static ImmutableArray<InvitationChange> Unlink(InvitationSnapshot invitation) =>
        invitation.Link is LinkState.Owned { IsDeleting: false } link ? [new InvitationChange.DeleteLink(link)] : [];

    public static InvitationPlan Stalled(string reason, string message) =>
        new([], new InvitationVerdict(ReadyStatus.False, reason, message) { IsStalled = true });

    private static ImmutableArray<InvitationChange> LinkChanges(
        InvitationSnapshot invitation, LinkState.Owned link, DateTimeOffset now) => invitation.Delivery switch
        {
            _ when !link.MatchesDesired => [new InvitationChange.RepairLink(link)],
            { } delivery when DeliveryPlanner.DueAt(delivery, now) <= now =>
                [new InvitationChange.SendMail(link, delivery)],
            _ => [],
        };

    private static InvitationPlan Nothing(ReadyStatus ready, string reason, string message) => new([], new InvitationVerdict(ready, reason, message));

    private static InvitationPlan Linking(params ImmutableArray<InvitationChange> changes) =>
        new(changes, new InvitationVerdict(ReadyStatus.Unknown, Reasons.Pending, "The link is being made"));

    /// <summary>When time alone calls for another look at an invitation whose link can be used.</summary>
    public static TimeSpan? RecheckOf(InvitationSnapshot invitation, DateTimeOffset now) => Until(invitation, now, DeliveryPlanner.DueAt(invitation.Delivery, now));

    private static TimeSpan? Until(InvitationSnapshot invitation, DateTimeOffset now, DateTimeOffset? sooner) => RecheckTime.Until(
        [invitation.ExpiresAt > now ? invitation.ExpiresAt : now + Recheck, .. sooner is { } time ? [time] : Array.Empty<DateTimeOffset>()], now);
}
