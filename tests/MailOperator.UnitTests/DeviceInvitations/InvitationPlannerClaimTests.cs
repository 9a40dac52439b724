using MailOperator.Api;
using MailOperator.DeviceInvitations;
using MailOperator.Reporting;
using MailOperator.UnitTests.MailDevices;

namespace MailOperator.UnitTests.DeviceInvitations;

/// <summary>The plan once somebody has claimed.</summary>
public sealed class InvitationPlannerClaimTests
{
    [Fact]
    public void Plan_ClaimLostBeforeItsDeviceHadThePassword_IsRefused()
    {
        InvitationPlan plan = Plan(Invitations.Accepted with
        {
            Claim = null,
            Device = new DeviceFound.Own("uid-d", null, Invitations.Ready("False", Reasons.HeldByPerson)),
        });

        Assert.Equal(
            (Reasons.ClaimRefused, true, ReadyStatus.False),
            (plan.Verdict.Reason, plan.Verdict.IsStalled, plan.Verdict.Claimed));
        Assert.Contains("make another", plan.Verdict.Message);
    }

    [Fact]
    public void Plan_ClaimAfterTheEnd_SaysTheSameOnceItsHashIsGone()
    {
        // Mutant: the missing hash is judged first. The refusal removes the hash, so the true reason would be lost.
        InvitationClaim late = new()
        {
            Id = "c1",
            At = Invitations.Open.ExpiresAt.AddSeconds(1),
            Selector = "k7f3q2",
            Hash = "$2y$04$" + new string('h', 53),
        };
        InvitationClaim judged = new() { Id = late.Id, At = late.At, Selector = late.Selector };

        string said = Plan(Invitations.Open with { Claim = late }).Verdict.Message;

        Assert.Contains("after the link had expired", said);
        Assert.Equal(said, Plan(Invitations.Open with { Claim = judged }).Verdict.Message);
    }

    [Fact]
    public void Plan_Claim_DeletesTheLinkAndCreatesTheDevice()
    {
        InvitationPlan plan = Plan(Invitations.JustClaimed);

        Assert.Equal(
            [new InvitationChange.DeleteLink(Invitations.Link), new InvitationChange.CreateDevice()], plan.Changes);
        Assert.Equal(
            (ReadyStatus.False, ReadyStatus.False, false),
            (plan.Verdict.Ready, plan.Verdict.Claimed, plan.Verdict.IsClaimSettled));
    }

    [Theory]
    [InlineData("after the end")]
    [InlineData("no hash")]
    [InlineData("a hash of another kind")]
    [InlineData("a line break")]
    [InlineData("chosen")]
    public void Plan_ClaimThatThePortalWouldNotWrite_IsRefusedAndItsHashDropped(string fault)
    {
        var claim = new InvitationClaim
        {
            Id = "claim-1",
            At = Invitations.Claim.At,
            Selector = "aaaaaa",
            Hash = Snapshots.ClaimedHash,
        };
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
        Assert.Equal(
            (Reasons.ClaimRefused, ReadyStatus.False, true),
            (plan.Verdict.Reason, plan.Verdict.Claimed, plan.Verdict.IsClaimSettled));
    }

    [Fact]
    public void Plan_DeviceWithThePassword_SettlesTheClaim()
    {
        InvitationPlan plan = Plan(Invitations.Accepted);

        Assert.Empty(plan.Changes);
        Assert.Equal(
            (ReadyStatus.True, ReadyStatus.True, true),
            (plan.Verdict.Ready, plan.Verdict.Claimed, plan.Verdict.IsClaimSettled));
    }

    [Fact]
    public void Plan_DeviceWithAnotherPassword_DoesNotSettleTheClaim() =>
        Assert.Equal(
            ReadyStatus.False,
            Plan(Invitations.Accepted with { Device = new DeviceFound.Own("uid-d", "bbbbbb", null) }).Verdict.Claimed);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Plan_DeviceDeleted_IsNeverMadeAgain(bool wasClaimed)
    {
        // Mutant: create whatever is missing. Deleting the device would end no password.
        InvitationPlan plan = Plan(
            Invitations.Accepted with { Device = new DeviceFound.None(), WasClaimReported = wasClaimed });

        Assert.Empty(plan.Changes);
        Assert.True(plan.Verdict.IsClaimSettled);
        Assert.Equal(wasClaimed ? ReadyStatus.True : ReadyStatus.False, plan.Verdict.Claimed);
    }

    private static InvitationPlan Plan(InvitationSnapshot invitation) =>
        InvitationPlanner.Plan(invitation, Invitations.Now);

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
    public void Plan_DeviceThatIsNotAllowed_IsRepeatedAndTheHashKept()
    {
        InvitationPlan plan = Plan(Invitations.Accepted with
        {
            Device = new DeviceFound.Own("uid-d", null, Invitations.Ready("False", Reasons.NotAllowed)),
        });

        Assert.Equal(
            (Reasons.NotAllowed, ReadyStatus.False, false),
            (plan.Verdict.Reason, plan.Verdict.Claimed, plan.Verdict.IsClaimSettled));
    }
}
