using MailOperator.Api;
using MailOperator.Claims;
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
    public void Plan_Claim_IsRecordedBeforeAnythingElse()
    {
        // Mutant: create the device first. After a crash, another claim could be in the status.
        InvitationPlan plan = Plan(Invitations.JustClaimed);

        Assert.Equal(new InvitationChange.KeepRecord(Invitations.Record), plan.Changes[0]);
        Assert.DoesNotContain(plan.Changes, static change => change is InvitationChange.CreateDevice);
        Assert.Equal(ReadyStatus.False, plan.Verdict.Claimed);
    }

    [Fact]
    public void Plan_DeviceCreated_RecordsItsUid()
    {
        InvitationPlan plan = Plan(Invitations.Accepted with { Record = Invitations.Record });

        Assert.Equal(
            new InvitationChange.KeepRecord(Invitations.Record with { Device = "uid-d" }), Assert.Single(plan.Changes));
        Assert.Equal(ReadyStatus.False, plan.Verdict.Claimed);
    }

    [Fact]
    public void Plan_PasswordAccepted_RecordsThatBeforeItIsSaid()
    {
        // Mutant: say it first. The hash would be gone from the status, and a portal could take the condition back.
        InvitationPlan plan = Plan(Invitations.Accepted);

        Assert.Equal(
            new InvitationChange.KeepRecord(Invitations.Confirmed.Record!), Assert.Single(plan.Changes));
        Assert.Equal((ReadyStatus.False, false), (plan.Verdict.Claimed, plan.Verdict.IsClaimSettled));
    }

    [Theory]
    [InlineData("seen at the end", nameof(ClaimEnd.Expired), "after the link had expired")]
    [InlineData("seen at the end, dated back", nameof(ClaimEnd.Expired), "after the link had expired")]
    [InlineData("no hash", nameof(ClaimEnd.Malformed), "form")]
    [InlineData("a hash of another kind", nameof(ClaimEnd.Malformed), "form")]
    [InlineData("a line break", nameof(ClaimEnd.Malformed), "form")]
    [InlineData("a long id", nameof(ClaimEnd.Malformed), "form")]
    [InlineData("a selector of another form", nameof(ClaimEnd.Malformed), "form")]
    [InlineData("a cheap hash", nameof(ClaimEnd.WeakHash), "work factor")]
    [InlineData("chosen", nameof(ClaimEnd.ChosenDenied), "chosenPassword")]
    public void Plan_ClaimThatIsRefused_IsRefusedForGood(string fault, string end, string says)
    {
        // Mutant: judged again. Another claim in its place would be taken.
        InvitationSnapshot faulty = Faulty(fault);

        InvitationPlan plan = Plan(faulty);

        ClaimRecord record = Assert.IsType<InvitationChange.KeepRecord>(plan.Changes[0]).Record;
        Assert.Equal((end, null, null), (record.End.ToString(), record.HashDigest, record.Device));
        AssertRefused(plan);
        foreach (InvitationClaim? later in (InvitationClaim?[])[faulty.Claim, Invitations.Claim, null])
        {
            InvitationPlan again = Plan(faulty with { Claim = later, Record = record });
            Assert.Equal([new InvitationChange.DeleteLink(Invitations.Link)], again.Changes);
            AssertRefused(again);
            Assert.Equal(plan.Verdict.Message, again.Verdict.Message);
        }

        void AssertRefused(InvitationPlan refused)
        {
            Assert.Equal(
                (Reasons.ClaimRefused, ReadyStatus.False, true, true),
                (refused.Verdict.Reason, refused.Verdict.Claimed!.Value, refused.Verdict.IsClaimSettled,
                    refused.Verdict.IsStalled));
            Assert.Contains(says, refused.Verdict.Message);
        }
    }

    [Theory]
    [InlineData(Reasons.InvalidSpec, 4)]
    [InlineData(Reasons.BackendUnavailable, null)]
    public void Plan_ClaimThatCannotBeJudged_WaitsAndIsRefusedAtTheEnd(string reason, int? workFactor)
    {
        // Mutant: take it. What gives a right needs everything to be right.
        InvitationSnapshot open = Invitations.JustClaimed with
        {
            Problem = new SpecProblem(reason, "Why."),
            WorkFactor = workFactor,
        };

        InvitationPlan plan = Plan(open);

        Assert.Equal([new InvitationChange.DeleteLink(Invitations.Link)], plan.Changes);
        Assert.Equal(
            (reason, ReadyStatus.False, false),
            (plan.Verdict.Reason, plan.Verdict.Claimed, plan.Verdict.IsClaimSettled));
        Assert.Equal(TimeSpan.FromDays(30), plan.RecheckAfter);
        Assert.Equal(Reasons.ClaimRefused, Plan(open with { ExpiresAt = Invitations.Now }).Verdict.Reason);
    }

    [Theory]
    [InlineData(Reasons.NotAllowed)]
    [InlineData(Reasons.QuotaExceeded)]
    public void Plan_ClaimWhileItsDeviceWouldNotBeAllowed_IsRecorded(string reason) =>
        Assert.IsType<InvitationChange.KeepRecord>(Plan(Invitations.JustClaimed with
        {
            Problem = new SpecProblem(reason, "Why."),
        }).Changes[0]);

    [Fact]
    public void Plan_RecordedClaim_IsCompletedAfterTheEndOfTheLink() =>
        Assert.Contains(
            new InvitationChange.CreateDevice(),
            Plan(Invitations.JustClaimed with { Record = Invitations.Record, ExpiresAt = Invitations.Now }).Changes);

    private static InvitationSnapshot Faulty(string fault)
    {
        var claim = new InvitationClaim
        {
            Id = fault == "a long id" ? new string('c', 65) : "claim-1",
            At = fault == "seen at the end" ? Invitations.Now.AddMinutes(1) : Invitations.Now.AddDays(-1),
            Selector = fault == "a selector of another form" ? "../../" : "aaaaaa",
            IsChosen = fault == "chosen",
            Hash = fault switch
            {
                "no hash" => null,
                "a hash of another kind" => "{PLAIN}secret",
                "a line break" => Snapshots.ClaimedHash + "\n",
                _ => Snapshots.ClaimedHash,
            },
        };
        return Invitations.Open with
        {
            Claim = claim,
            WorkFactor = fault == "a cheap hash" ? 5 : 4,
            ExpiresAt = fault.StartsWith("seen", StringComparison.Ordinal)
                ? Invitations.Now
                : Invitations.Open.ExpiresAt,
        };
    }

    [Fact]
    public void Plan_DeviceWithThePassword_SettlesTheClaim()
    {
        InvitationPlan plan = Plan(Invitations.Confirmed);

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
            (wasClaimed ? Invitations.Confirmed : Invitations.Accepted) with { Device = new DeviceFound.None() });

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
        InvitationSnapshot ended = Invitations.Confirmed with
        {
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
