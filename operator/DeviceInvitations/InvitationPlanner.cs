using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.DeviceInvitations;

/// <summary>Decides what to do for an invitation. A pure function of what was observed and the time.</summary>
internal static class InvitationPlanner
{
    /// <summary>
    /// No watch event announces that a foreign Secret was removed or that a quota has room again, so both are polled.
    /// </summary>
    public static readonly TimeSpan Recheck = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan BusyRecheck = TimeSpan.FromSeconds(2);

    public static InvitationPlan Plan(InvitationSnapshot invitation, DateTimeOffset now) => invitation switch
    {
        { IsDeleting: true } => Deleted(invitation),
        { IsNamespaceTerminating: true } => Pending("The namespace is being deleted, and this invitation with it"),
        { Record: not null } or { Claim: not null } or { ReportedDevice: not null } or { Device: DeviceFound.Own } =>
            ClaimPlanner.Plan(invitation, now),
        { Problem: not { Reason: Reasons.InvalidSpec } } when invitation.ExpiresAt <= now =>
            ClaimPlanner.End(invitation, ClaimEnd.Expired, now),
        { Problem: { } problem } => Blocked(invitation, problem, now),
        { Device: DeviceFound.Foreign } => Stalled(
            Reasons.DeviceForeign,
            $"MailDevice '{invitation.DeviceName}' exists and was not created for this invitation; delete it, or make "
            + "another invitation with another spec.device.name"),
        _ => PlanLink(invitation, now),
    };

    /// <summary>
    /// Deletes the link's Secret if it belongs to this invitation: a link that cannot be used is not kept.
    /// </summary>
    public static ImmutableArray<InvitationChange> Unlink(InvitationSnapshot invitation) =>
        invitation.Link is LinkState.Owned { IsDeleting: false } link ? [new InvitationChange.DeleteLink(link)] : [];

    /// <summary>When time alone calls for another reconcile of an invitation whose link can be used.</summary>
    public static TimeSpan? RecheckOf(InvitationSnapshot invitation, DateTimeOffset now) =>
        Until(invitation, now, DeliveryPlanner.DueAt(invitation.Delivery, now));

    private static InvitationPlan Deleted(InvitationSnapshot invitation) => invitation.HasFinalizer
        ? new InvitationPlan(
            [.. Unlink(invitation), new InvitationChange.RemoveFinalizer()],
            new InvitationVerdict(ReadyStatus.False, Reasons.Revoked, "The link is being deleted"))
        : new InvitationPlan([], new InvitationVerdict(ReadyStatus.False, Reasons.Revoked, "Deleted"));

    /// <summary>Nobody claimed a password in time.</summary>
    public static InvitationPlan Expired(InvitationSnapshot invitation) => Stalled(
        Reasons.Expired,
        $"Nobody used the link before {Rfc3339.Format(invitation.ExpiresAt)}; "
        + "delete the invitation and make another") with
    {
        Changes = Unlink(invitation),
    };

    private static InvitationPlan Blocked(InvitationSnapshot invitation, SpecProblem problem, DateTimeOffset now)
    {
        bool isOverQuota = problem.Reason == Reasons.QuotaExceeded;
        TimeSpan? grace = invitation.WasLinkReported
            ? null
            : ApplyGrace.Left(invitation.CreatedAt, problem.Reason, now);
        return new InvitationPlan(
            [],
            new InvitationVerdict(
                ReadyStatus.False, problem.Reason, problem.Message + (grace is null ? "" : ApplyGrace.Note))
            {
                IsStalled = grace is null && !isOverQuota && problem.Reason != Reasons.BackendUnavailable,
                MayStillCome = grace is not null,
            },
            Until(invitation, now, isOverQuota ? now + Recheck : now + grace));
    }

    private static InvitationPlan PlanLink(InvitationSnapshot invitation, DateTimeOffset now) => invitation.Link switch
    {
        LinkState.Foreign foreign => Stalled(
            Reasons.SecretForeign,
            $"Secret '{invitation.LinkSecretName}' exists and {foreign.Owner}; it is left alone. Remove it, or make "
            + "another invitation with another spec.linkSecret.name") with
        {
            RecheckAfter = Recheck,
        },
        LinkState.Owned { IsDeleting: true } =>
            Pending("The Secret with the link is being deleted; a new link follows") with
            {
                RecheckAfter = BusyRecheck,
            },
        LinkState.Absent when invitation.IsLinkUnaccounted => Stalled(
            Reasons.LinkLost,
            "The status and the Secret with the link are both lost, so nobody can tell whether the link was used; "
            + "delete the invitation and make another"),
        LinkState.Owned link when invitation.IsLinkUnaccounted => Linking(new InvitationChange.ReplaceLink(link)),
        LinkState.Absent => Linking(new InvitationChange.MakeLink()),
        LinkState.Owned { IsGenuine: false } link =>
            Linking(new InvitationChange.DeleteLink(link), new InvitationChange.MakeLink()),
        LinkState.Owned when invitation is { HasFinalizer: false, WasLinkReported: false } =>
            Linking(new InvitationChange.ReportLink()),
        LinkState.Owned when !invitation.HasFinalizer => Linking(new InvitationChange.AddFinalizer()),
        LinkState.Owned link => Open(invitation, link, now),
        _ => Linking(),
    };

    private static InvitationPlan Open(InvitationSnapshot invitation, LinkState.Owned link, DateTimeOffset now)
    {
        string restriction = invitation.IsChoiceRefused
            ? "; the person cannot choose the password, because no grant of the MailBackend allows it "
                + "(chosenPasswords) or the backend does not accept chosen passwords"
            : "";
        string end = Rfc3339.Format(invitation.ExpiresAt);
        string message = $"The link in Secret '{link.Name}' can be used once, until {end}{restriction}";
        return new InvitationPlan(
            OpenChanges(invitation, link, now),
            new InvitationVerdict(ReadyStatus.True, Reasons.LinkReady, message),
            RecheckOf(invitation, now));
    }

    private static ImmutableArray<InvitationChange> OpenChanges(
        InvitationSnapshot invitation, LinkState.Owned link, DateTimeOffset now) => invitation.Delivery switch
        {
            _ when !link.MatchesDesired => [new InvitationChange.RepairLink(link)],
            { } delivery when DeliveryPlanner.DueAt(delivery, now) <= now =>
                [new InvitationChange.SendMail(link, delivery)],
            _ => [],
        };

    private static InvitationPlan Stalled(string reason, string message) =>
        new([], new InvitationVerdict(ReadyStatus.False, reason, message) { IsStalled = true });

    private static InvitationPlan Pending(string message) =>
        new([], new InvitationVerdict(ReadyStatus.False, Reasons.Pending, message));

    private static InvitationPlan Linking(params ImmutableArray<InvitationChange> changes) =>
        new(changes, new InvitationVerdict(ReadyStatus.Unknown, Reasons.Pending, "The link is being created"));

    private static TimeSpan? Until(InvitationSnapshot invitation, DateTimeOffset now, DateTimeOffset? sooner)
    {
        DateTimeOffset end = invitation.ExpiresAt > now ? invitation.ExpiresAt : now + Recheck;
        return RecheckTime.Until(sooner is { } time ? [end, time] : [end], now);
    }
}
