using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.DeviceInvitations;
using MailOperator.Reporting;
using MailOperator.UnitTests.MailDevices;

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
        Assert.IsType<InvitationChange.AddFinalizer>(Assert.Single(Plan(linked with { WasLinkReported = true }).Changes));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Reasons.NotAllowed)]
    public void StatusOf_LinkThatNobodyCanAccountFor_DoesNotNameIt(string? problem)
    {
        // Mutant: the status names any link that is there. A used one could be used again once the grant is back.
        InvitationSnapshot lost = Invitations.Open with { WasLinkReported = false, Problem = problem is null ? null : new SpecProblem(problem, "Why.") };

        DeviceInvitationStatus status = InvitationStatusWriter.StatusOf(
            new DeviceInvitation { Metadata = new() }, new DeviceInvitationStatus(), lost, Plan(lost).Verdict, Invitations.Now);

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
    public void Plan_ClaimLostBeforeItsDeviceHadThePassword_IsRefused()
    {
        InvitationPlan plan = Plan(Invitations.Accepted with { Claim = null, Device = new DeviceFound.Own("uid-d", null, Invitations.Ready("False", Reasons.HeldByPerson)) });

        Assert.Equal((Reasons.ClaimRefused, true, ReadyStatus.False), (plan.Verdict.Reason, plan.Verdict.IsStalled, plan.Verdict.Claimed));
        Assert.Contains("make another", plan.Verdict.Message);
    }

    [Fact]
    public void Plan_LinkAndStatusLost_MakesNoSecondLink()
    {
        InvitationPlan plan = Plan(Invitations.Open with { Link = new LinkState.Absent(), WasLinkReported = false });

        Assert.Empty(plan.Changes);
        Assert.Equal((Reasons.LinkLost, true), (plan.Verdict.Reason, plan.Verdict.IsStalled));
    }

    [Fact]
    public void Plan_AcceptedOnce_StaysClaimedAfterThePasswordEnds()
    {
        // Mutant: judged again. When the device expires, its invitation would say that the password was never accepted.
        InvitationSnapshot ended = Invitations.Accepted with
        {
            WasClaimReported = true,
            Device = new DeviceFound.Own("uid-d", null, Invitations.Ready("False", Reasons.Expired)),
        };

        Assert.Equal((ReadyStatus.True, ReadyStatus.True), (Plan(ended).Verdict.Ready, Plan(ended).Verdict.Claimed));
    }

    [Fact]
    public void Plan_ClaimAfterTheEnd_SaysTheSameOnceItsHashIsGone()
    {
        // Mutant: the missing hash is judged first. The refusal removes the hash, so the true reason would be lost.
        InvitationClaim late = new() { Id = "c1", At = Invitations.Open.ExpiresAt.AddSeconds(1), Selector = "k7f3q2", Hash = "$2y$04$" + new string('h', 53) };
        InvitationClaim judged = new() { Id = late.Id, At = late.At, Selector = late.Selector };

        string said = Plan(Invitations.Open with { Claim = late }).Verdict.Message;

        Assert.Contains("after the link had expired", said);
        Assert.Equal(said, Plan(Invitations.Open with { Claim = judged }).Verdict.Message);
    }

    [Fact]
    public void Plan_LinkDeletedByHand_MakesAnother() =>
        Assert.IsType<InvitationChange.MakeLink>(Assert.Single(Plan(Invitations.Open with { Link = new LinkState.Absent() }).Changes));

    [Fact]
    public void Plan_ForgedLink_IsReplaced()
    {
        // Mutant: any token in the Secret is believed. Whoever may write Secrets could have their own accepted.
        LinkState.Owned forged = Invitations.Link with { IsGenuine = false };

        Assert.Equal([new InvitationChange.DeleteLink(forged), new InvitationChange.MakeLink()], Plan(Invitations.Open with { Link = forged }).Changes);
    }

    [Fact]
    public void Plan_AnotherPortal_KeepsTheToken()
    {
        LinkState.Owned moved = Invitations.Link with { MatchesDesired = false };

        InvitationPlan plan = Plan(Invitations.Open with { Link = moved, Delivery = Invitations.Owed });

        Assert.Equal([new InvitationChange.RepairLink(moved)], plan.Changes); // and mails the link only when it is right
    }

    [Fact]
    public void Plan_SecretOfAnother_IsLeftAlone()
    {
        InvitationPlan plan = Plan(Invitations.New with { Link = new LinkState.Foreign("belongs to Deployment 'web'") });

        Assert.Empty(plan.Changes);
        Assert.Equal((Reasons.SecretForeign, InvitationPlanner.Recheck), (plan.Verdict.Reason, plan.RecheckAfter!.Value));
    }

    [Fact]
    public void Plan_NameOfAnotherDevice_OffersNothing()
    {
        InvitationPlan plan = Plan(Invitations.Open with { Device = new DeviceFound.Foreign() });

        Assert.Equal((ReadyStatus.False, Reasons.DeviceForeign), (plan.Verdict.Ready, plan.Verdict.Reason));
    }

    [Fact]
    public void Plan_End_EndsTheLink()
    {
        InvitationPlan plan = Plan(Invitations.Open with { ExpiresAt = Invitations.Now });

        Assert.Equal([new InvitationChange.DeleteLink(Invitations.Link)], plan.Changes);
        Assert.Equal((Reasons.Expired, true), (plan.Verdict.Reason, plan.Verdict.IsStalled));
        Assert.Equal(Reasons.LinkReady, Plan(Invitations.Open with { ExpiresAt = Invitations.Now.AddSeconds(1) }).Verdict.Reason);
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
        Assert.Equal((ReadyStatus.False, reason, isStalled), (plan.Verdict.Ready, plan.Verdict.Reason, plan.Verdict.IsStalled));
    }

    [Fact]
    public void Plan_Deleted_EndsTheLinkBeforeItLetsGo()
    {
        InvitationSnapshot deleted = Invitations.Open with { IsDeleting = true, Claim = Invitations.Claim };

        Assert.Equal([new InvitationChange.DeleteLink(Invitations.Link), new InvitationChange.RemoveFinalizer()], Plan(deleted).Changes);
        Assert.Empty(Plan(deleted with { HasFinalizer = false }).Changes);
    }

    [Fact]
    public void Plan_Claim_EndsTheLinkAndMakesTheDevice()
    {
        InvitationPlan plan = Plan(Invitations.JustClaimed);

        Assert.Equal([new InvitationChange.DeleteLink(Invitations.Link), new InvitationChange.CreateDevice()], plan.Changes);
        Assert.Equal((ReadyStatus.False, ReadyStatus.False, false), (plan.Verdict.Ready, plan.Verdict.Claimed, plan.Verdict.IsClaimSettled));
    }

    [Theory]
    [InlineData("after the end")]
    [InlineData("no hash")]
    [InlineData("a hash of another kind")]
    [InlineData("a line break")]
    [InlineData("chosen")]
    public void Plan_ClaimThatThePortalWouldNotWrite_IsRefusedAndItsHashDropped(string fault)
    {
        var claim = new InvitationClaim { Id = "claim-1", At = Invitations.Claim.At, Selector = "aaaaaa", Hash = Snapshots.ClaimedHash };
        switch (fault)
        {
            case "after the end":
                claim.At = Invitations.Open.ExpiresAt.AddSeconds(1);
                break;
            case "no hash":
                claim.Hash = null;
                break;
            case "a hash of another kind":
                claim.Hash = "{PLAIN}secret";
                break;
            case "a line break":
                claim.Hash = Snapshots.ClaimedHash + "\n";
                break;
            default:
                claim.IsChosen = true;
                break;
        }

        InvitationPlan plan = Plan(Invitations.Open with { Claim = claim });

        Assert.DoesNotContain(plan.Changes, static change => change is InvitationChange.CreateDevice);
        Assert.Equal((Reasons.ClaimRefused, ReadyStatus.False, true), (plan.Verdict.Reason, plan.Verdict.Claimed, plan.Verdict.IsClaimSettled));
    }

    [Fact]
    public void Plan_DeviceWithThePassword_SettlesTheClaim()
    {
        InvitationPlan plan = Plan(Invitations.Accepted);

        Assert.Empty(plan.Changes);
        Assert.Equal((ReadyStatus.True, ReadyStatus.True, true), (plan.Verdict.Ready, plan.Verdict.Claimed, plan.Verdict.IsClaimSettled));
    }

    [Fact]
    public void Plan_DeviceWithAnotherPassword_DoesNotSettleTheClaim() =>
        Assert.Equal(ReadyStatus.False, Plan(Invitations.Accepted with { Device = new DeviceFound.Own("uid-d", "bbbbbb", null) }).Verdict.Claimed);

    [Fact]
    public void Plan_DeviceThatIsNotAllowed_IsRepeatedAndTheHashKept()
    {
        InvitationPlan plan = Plan(Invitations.Accepted with { Device = new DeviceFound.Own("uid-d", null, Invitations.Ready("False", Reasons.NotAllowed)) });

        Assert.Equal((Reasons.NotAllowed, ReadyStatus.False, false), (plan.Verdict.Reason, plan.Verdict.Claimed, plan.Verdict.IsClaimSettled));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Plan_DeviceDeleted_IsNeverMadeAgain(bool wasClaimed)
    {
        // Mutant: create whatever is missing. Deleting the device would end no password.
        InvitationPlan plan = Plan(Invitations.Accepted with { Device = new DeviceFound.None(), WasClaimReported = wasClaimed });

        Assert.Empty(plan.Changes);
        Assert.True(plan.Verdict.IsClaimSettled);
        Assert.Equal(wasClaimed ? ReadyStatus.True : ReadyStatus.False, plan.Verdict.Claimed);
    }

    [Fact]
    public void Plan_Mail_IsDueOnceTheLinkStands()
    {
        var mail = new InvitationChange.SendMail(Invitations.Link, Invitations.Owed);

        Assert.Equal([mail], ChangesWithMailOwed(Invitations.Open));
        Assert.DoesNotContain(ChangesWithMailOwed(Invitations.New), IsMail);
        Assert.DoesNotContain(ChangesWithMailOwed(Invitations.JustClaimed), IsMail);

        static ImmutableArray<InvitationChange> ChangesWithMailOwed(InvitationSnapshot invitation) =>
            Plan(invitation with { Delivery = Invitations.Owed }).Changes;
        static bool IsMail(InvitationChange change) => change is InvitationChange.SendMail;
    }

    private static InvitationPlan Plan(InvitationSnapshot invitation) => InvitationPlanner.Plan(invitation, Invitations.Now);
}
