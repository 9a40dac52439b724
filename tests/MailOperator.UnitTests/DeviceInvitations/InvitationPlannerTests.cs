using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.DeviceInvitations;
using MailOperator.Reporting;

namespace MailOperator.UnitTests.DeviceInvitations;

public sealed class InvitationPlannerTests
{
    [Fact]
    public void Plan_OpenInvitation_DoesNothingUntilItsEnd()
    {
        InvitationPlan plan = Plan(Invitations.Open);

        Assert.Empty(plan.Changes);
        Assert.Equal((ReadyStatus.True, Reasons.LinkReady), (plan.Verdict.Ready, plan.Verdict.Reason));
        Assert.Equal(TimeSpan.FromDays(30), plan.RecheckAfter);
    }

    [Fact]
    public void Plan_NewInvitation_MakesAndReportsItsLinkBeforeTheFinalizer()
    {
        // Mutant: the finalizer first. An invitation that lost its link and status would look like a new one, and could
        // be used twice.
        InvitationSnapshot linked = Invitations.New with { Link = Invitations.Link };

        Assert.IsType<InvitationChange.MakeLink>(Assert.Single(Plan(Invitations.New).Changes));
        Assert.IsType<InvitationChange.ReportLink>(Assert.Single(Plan(linked).Changes));
        Assert.IsType<InvitationChange.AddFinalizer>(
            Assert.Single(Plan(linked with { WasLinkReported = true }).Changes));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Reasons.NotAllowed)]
    public void StatusOf_UnreportedLink_DoesNotNameIt(string? problem)
    {
        // Mutant: the status names any link that is there. A used one could be used again once the grant is back.
        InvitationSnapshot lost = Invitations.Open with
        {
            WasLinkReported = false,
            Problem = problem is null ? null : new SpecProblem(problem, "Why."),
        };

        DeviceInvitationStatus status = InvitationStatusWriter.StatusOf(
            new DeviceInvitation { Metadata = new() }, new DeviceInvitationStatus(), lost, Plan(lost).Verdict,
            Invitations.Now);

        Assert.Null(status.TokenHash);
    }

    [Fact]
    public void Plan_StatusLost_ReplacesTheLinkOnce()
    {
        InvitationSnapshot lost = Invitations.Open with { WasLinkReported = false };

        Assert.Equal([new InvitationChange.ReplaceLink(Invitations.Link)], Plan(lost).Changes);
        Assert.Equal(Reasons.LinkReady, Plan(lost with { IsLinkNew = true }).Verdict.Reason);
    }

    [Fact]
    public void Plan_LinkAndStatusLost_MakesNoSecondLink()
    {
        InvitationPlan plan = Plan(Invitations.Open with { Link = new LinkState.Absent(), WasLinkReported = false });

        Assert.Empty(plan.Changes);
        Assert.Equal((Reasons.LinkLost, true), (plan.Verdict.Reason, plan.Verdict.IsStalled));
    }

    [Fact]
    public void Plan_LinkDeletedByHand_MakesAnother() =>
        Assert.IsType<InvitationChange.MakeLink>(
            Assert.Single(Plan(Invitations.Open with { Link = new LinkState.Absent() }).Changes));

    [Fact]
    public void Plan_ForgedLink_IsReplaced()
    {
        // Mutant: any token in the Secret is believed. Whoever may write Secrets could have their own accepted.
        LinkState.Owned forged = Invitations.Link with { IsGenuine = false };

        Assert.Equal(
            [new InvitationChange.DeleteLink(forged), new InvitationChange.MakeLink()],
            Plan(Invitations.Open with { Link = forged }).Changes);
    }

    [Fact]
    public void Plan_AnotherPortal_KeepsTheToken()
    {
        LinkState.Owned moved = Invitations.Link with { MatchesDesired = false };

        InvitationPlan plan = Plan(Invitations.Open with { Link = moved, Delivery = Invitations.Owed });

        // The mail waits until the link is right.
        Assert.Equal([new InvitationChange.RepairLink(moved)], plan.Changes);
    }

    [Fact]
    public void Plan_LinkSecretIsForeign_IsLeftAlone()
    {
        InvitationPlan plan = Plan(
            Invitations.New with { Link = new LinkState.Foreign("belongs to Deployment 'web'") });

        Assert.Empty(plan.Changes);
        Assert.Equal(
            (Reasons.SecretForeign, InvitationPlanner.Recheck), (plan.Verdict.Reason, plan.RecheckAfter!.Value));
    }

    [Fact]
    public void Plan_DeviceIsForeign_OffersNothing()
    {
        InvitationPlan plan = Plan(Invitations.Open with { Device = new DeviceFound.Foreign() });

        Assert.Equal((ReadyStatus.False, Reasons.DeviceForeign), (plan.Verdict.Ready, plan.Verdict.Reason));
    }

    [Fact]
    public void Plan_Expired_RecordsThatAndDeletesTheLink()
    {
        InvitationPlan plan = Plan(Invitations.Open with { ExpiresAt = Invitations.Now });
        ClaimRecord record =
            ClaimRecord.Of("uid-a", claim: null, Invitations.Now) with { End = ClaimEnd.Expired };

        Assert.Equal(
            [new InvitationChange.KeepRecord(record), new InvitationChange.DeleteLink(Invitations.Link)], plan.Changes);
        Assert.Equal((Reasons.Expired, true), (plan.Verdict.Reason, plan.Verdict.IsStalled));
        Assert.Equal(
            Reasons.LinkReady,
            Plan(Invitations.Open with { ExpiresAt = Invitations.Now.AddSeconds(1) }).Verdict.Reason);
    }

    [Theory]
    [InlineData(Reasons.NotAllowed, true)]
    [InlineData(Reasons.UserNotFound, true)]
    [InlineData(Reasons.QuotaExceeded, false)]
    [InlineData(Reasons.BackendUnavailable, false)]
    public void Plan_Problem_ClosesTheLinkAndKeepsIt(string reason, bool isStalled)
    {
        InvitationPlan plan = Plan(Invitations.Open with { Offer = null, Problem = new SpecProblem(reason, "Why.") });

        Assert.Empty(plan.Changes);
        Assert.Equal(
            (ReadyStatus.False, reason, isStalled), (plan.Verdict.Ready, plan.Verdict.Reason, plan.Verdict.IsStalled));
    }

    [Theory]
    [InlineData(29, Reasons.UserNotFound, true)]
    [InlineData(30, Reasons.UserNotFound, false)]
    [InlineData(0, Reasons.BackendUnavailable, true)]
    [InlineData(0, Reasons.NotAllowed, false)] // does not come with the same apply
    [InlineData(-1, Reasons.UserNotFound, false)] // a clock that is ahead does not give more time
    public void Plan_NewAndWithoutWhatItNames_WaitsForItWithoutAWarning(int age, string reason, bool waits)
    {
        // Mutants: a warning at once; none ever, because the message is the same later.
        InvitationSnapshot invitation = Invitations.New with
        {
            CreatedAt = Invitations.Now.AddSeconds(-age),
            Offer = null,
            Problem = new SpecProblem(reason, "Why."),
        };

        InvitationPlan plan = Plan(invitation);

        Assert.Equal(waits, plan.Verdict.MayStillCome);
        Assert.Equal(waits, plan.Verdict.Message.Contains("it may still come", StringComparison.Ordinal));
        Assert.False(waits && plan.Verdict.IsStalled);
        Condition[] now = [Conditions.Of(ConditionTypes.Ready, ReadyStatus.False, reason, plan.Verdict.Message)];
        Condition[] later = [Conditions.Of(ConditionTypes.Ready, ReadyStatus.False, reason, "Why.")];
        Assert.Equal(waits, !InvitationEvents.ToAnnounce([], now, plan.Verdict.MayStillCome).Any());
        Assert.Equal(waits, InvitationEvents.ToAnnounce(now, later).Any());
        Assert.Equal(waits, plan.RecheckAfter <= ApplyGrace.Time);
        Assert.False(Plan(invitation with { WasLinkReported = true }).Verdict.MayStillCome);
    }

    [Fact]
    public void Plan_Deleted_DeletesTheLinkBeforeTheFinalizer()
    {
        InvitationSnapshot deleted = Invitations.Open with { IsDeleting = true, Claim = Invitations.Claim };

        Assert.Equal(
            [new InvitationChange.DeleteLink(Invitations.Link), new InvitationChange.RemoveFinalizer()],
            Plan(deleted).Changes);
        Assert.Empty(Plan(deleted with { HasFinalizer = false }).Changes);
    }

    [Fact]
    public void Plan_Mail_IsDueOnceTheLinkIsReady()
    {
        var mail = new InvitationChange.SendMail(Invitations.Link, Invitations.Owed);

        Assert.Equal([mail], ChangesWithMailOwed(Invitations.Open));
        Assert.DoesNotContain(ChangesWithMailOwed(Invitations.New), IsMail);
        Assert.DoesNotContain(ChangesWithMailOwed(Invitations.JustClaimed), IsMail);

        static ImmutableArray<InvitationChange> ChangesWithMailOwed(InvitationSnapshot invitation) =>
            Plan(invitation with { Delivery = Invitations.Owed }).Changes;
        static bool IsMail(InvitationChange change) => change is InvitationChange.SendMail;
    }

    private static InvitationPlan Plan(InvitationSnapshot invitation) =>
        InvitationPlanner.Plan(invitation, Invitations.Now);
}
