using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.Reporting;

namespace MailOperator.UnitTests.MailDevices;

public sealed class ClaimedPasswordPlannerTests
{
    private static readonly MailDeviceSnapshot Claimed = Snapshots.Claimed;
    private static readonly SecretState.Owned Secret = (SecretState.Owned)Snapshots.Claimed.Secret!;
    private static readonly ClaimedPassword ClaimWithoutHash =
        new("ada-phone", new InvitationClaim { Id = "claim-1", Selector = "aaaaaa", At = Snapshots.Now });

    [Fact]
    public void Plan_InSync_ChangesNothing()
    {
        MailDevicePlan plan = Plan(Claimed with { ClaimedPassword = ClaimWithoutHash });

        Assert.Empty(plan.Changes);
        Assert.Equal((ReadyStatus.True, null), (plan.Verdict.Ready, plan.Verdict.RefusedRotation));
        Assert.Contains("A person holds", plan.Verdict.Message);
    }

    [Fact]
    public void Plan_ClaimedByAMailUser_NamesTheUser() =>
        Assert.StartsWith("MailUser 'ada' holds a password", Plan(Claimed with
        {
            ClaimedPassword = ClaimWithoutHash,
            Desired = Claimed.Desired! with { Password = new DesiredPassword.Claimed("ada") },
        }).Verdict.Message);

    [Fact]
    public void Plan_Claimed_CommitsTheHashOfTheClaim()
    {
        MailDevicePlan plan = Plan(Claimed with { Secret = new SecretState.Absent(), Slots = [] });

        Assert.Equal(new Change.CommitClaimedHash(
            new ClaimedHash("claim-1", "aaaaaa", IsChosen: false, Snapshots.ClaimedHash), Overwrites: null,
            Reasons.Issued), Assert.Single(plan.Changes));
    }

    [Fact]
    public void Plan_SecretDeleted_TakesTheHashFromTheBackend()
    {
        // Mutant: issue a new password. The person would be locked out, and nobody would know the new password.
        MailDevicePlan plan = Plan(Claimed with
        {
            Secret = new SecretState.Absent(),
            ClaimedPassword = ClaimWithoutHash,
            ReportedCredentials = ["aaaaaa"],
        });

        Change.CommitClaimedHash commit = Assert.IsType<Change.CommitClaimedHash>(Assert.Single(plan.Changes));
        Assert.Equal((Snapshots.ClaimedHash, Reasons.SecretDeleted), (commit.Hash.Hash, commit.Reason));
    }

    [Fact]
    public void Plan_SecretForged_IsOverwrittenFromTheBackend()
    {
        SecretState.Owned forged = Secret with { IsGenuine = false };

        Change.CommitClaimedHash commit = Assert.IsType<Change.CommitClaimedHash>(
            Assert.Single(Plan(Claimed with { Secret = forged, ClaimedPassword = ClaimWithoutHash }).Changes));

        Assert.Equal((forged, Reasons.SecretTampered), (commit.Overwrites, commit.Reason));
    }

    [Fact]
    public void Plan_HashLostEverywhere_IsStalledAndIssuesNothing()
    {
        MailDevicePlan plan = Plan(Claimed with
        {
            Secret = new SecretState.Absent(),
            Slots = [],
            ClaimedPassword = ClaimWithoutHash,
            ReportedCredentials = ["aaaaaa"],
        });

        Assert.Empty(plan.Changes);
        Assert.Equal(
            (ReadyStatus.False, Reasons.HeldByPerson, true),
            (plan.Verdict.Ready, plan.Verdict.Reason, plan.Verdict.IsStalled));
    }

    [Fact]
    public void Plan_NobodyHasClaimed_WaitsAndIssuesNothing()
    {
        // Mutant: fall back to a generated password. A MailDevice created by hand would get one that no page shows.
        MailDevicePlan plan = Plan(Claimed with
        {
            Secret = new SecretState.Absent(),
            Slots = [],
            ClaimedPassword = new ClaimedPassword("ada-phone", Claim: null),
        });

        Assert.Empty(plan.Changes);
        Assert.Equal(Reasons.Pending, plan.Verdict.Reason);
    }

    [Fact]
    public void Plan_ClaimLostBeforeItWasIssued_IsStalled()
    {
        MailDevicePlan plan = Plan(Claimed with
        {
            Secret = new SecretState.Absent(),
            Slots = [],
            ClaimedPassword = new ClaimedPassword("ada-phone", Claim: null) { IsClaimLost = true },
        });

        Assert.Equal(
            (ReadyStatus.False, Reasons.HeldByPerson, true),
            (plan.Verdict.Ready, plan.Verdict.Reason, plan.Verdict.IsStalled));
    }

    [Fact]
    public void Plan_RotateToken_IsRefusedAndTheDeviceStaysReady()
    {
        MailDevicePlan plan = Plan(Claimed with { RotateToken = "two" });

        Assert.Empty(plan.Changes);
        Assert.Equal(ReadyStatus.True, plan.Verdict.Ready);
        Assert.Contains("invite the person again", plan.Verdict.RefusedRotation);
    }

    [Fact]
    public void Plan_RotateAndRevokeToken_IsRefusedAndTheDeviceIsNotReady()
    {
        MailDevicePlan plan = Plan(Claimed with { RotateAndRevokeToken = "leak" });

        Assert.Empty(plan.Changes);
        Assert.Equal(
            (ReadyStatus.False, Reasons.HeldByPerson, true),
            (plan.Verdict.Ready, plan.Verdict.Reason, plan.Verdict.IsStalled));
    }

    [Fact]
    public void Plan_SlotLost_IsRestored() =>
        Assert.Equal(
            new Change.RestoreSlot(Secret),
            Assert.Single(Plan(Claimed with { Slots = [], ClaimedPassword = ClaimWithoutHash }).Changes));

    [Fact]
    public void Plan_InvitationRefAddedOrRemoved_ChangesNothing()
    {
        MailDevicePlan added = Plan(Claimed with { Secret = Snapshots.Secret });
        MailDevicePlan removed = Plan(Claimed with { Desired = Snapshots.Desired, ClaimedPassword = null });

        Assert.Empty(added.Changes.Concat(removed.Changes));
        Assert.Equal((Reasons.InvalidSpec, Reasons.InvalidSpec), (added.Verdict.Reason, removed.Verdict.Reason));
        Assert.True(added.Verdict.IsStalled && removed.Verdict.IsStalled);
        Assert.Equal(
            "A person has the password, so spec.password.invitationRef cannot be removed; "
            + "add it again, or delete the MailDevice to end the password",
            removed.Verdict.Message);
    }

    [Theory]
    [InlineData("aaaaaa", true)]
    [InlineData("aaaaa", false)]
    [InlineData("AAAAAA", false)]
    [InlineData("aaaaa\n", false)]
    public void IsWellFormed_Selector_HasTheOperatorsForm(string selector, bool isRight) =>
        Assert.Equal(isRight, ClaimedPasswords.IsWellFormed(
            new InvitationClaim { Id = "claim-1", Selector = selector, Hash = Snapshots.ClaimedHash }));

    [Theory]
    [InlineData(Snapshots.ClaimedHash, true)]
    [InlineData("$2a$04$abcdefghijklmnopqrstuuJ6c1pJ1x6yqv2cW8k0n9s7d5f3g1h2i", false)]
    [InlineData(Snapshots.ClaimedHash + ":allow_nets=0.0.0.0/0", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void IsHash_Text_IsOneThatABackendMayGet(string? text, bool isRight) =>
        Assert.Equal(isRight, ClaimedPasswords.IsHash(text));

    private static MailDevicePlan Plan(MailDeviceSnapshot device) => MailDevicePlanner.Plan(device, Snapshots.Now);
}
