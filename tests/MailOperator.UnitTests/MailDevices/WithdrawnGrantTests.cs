using MailOperator.Api;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>A device whose grant was withdrawn, or that has no place in a quota.</summary>
public sealed class WithdrawnGrantTests
{
    private static readonly MailDeviceSnapshot Withdrawn = InSync with
    {
        Desired = null,
        Secret = null,
        Slots = [],
        Problem = new SpecProblem(Reasons.NotAllowed, "no grant"),
        IsGrantRevoked = true,
        ObsoleteSecrets = [new ObsoleteSecret("grafana", "secret-uid")],
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // mutant: the pause wins; a tenant could keep a password that the platform withdrew
    public void Plan_Revoked_EndsTheCredentialThenTheSecretThenTheFinalizer(bool isPaused)
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(Withdrawn with { IsPaused = isPaused }, Now);

        Assert.Equal(
            [
                new Change.RemoveAll(),
                new Change.DeleteSecret(Withdrawn.ObsoleteSecrets[0]),
                new Change.RemoveFinalizer(),
            ],
            plan.Changes);
        Assert.Equal(
            (ReadyStatus.False, Reasons.NotAllowed, true),
            (plan.Verdict.Ready, plan.Verdict.Reason, plan.Verdict.IsStalled));
    }

    [Fact]
    public void Plan_RevokedWhileDeleted_FollowsTheDeletion() =>
        // Mutant: the deletion wins, and Retain keeps a password that the platform withdrew.
        Assert.Equal(
            new Change.RemoveAll { At = "dovecot" },
            MailDevicePlanner.Plan(
                Withdrawn with
                {
                    IsDeleting = true,
                    DeletionPolicy = DeletionPolicy.Retain,
                    OtherPlaces = [Place(Slot("aaaaaa")) with { IsRetentionAllowed = true }],
                },
                Now).Changes[0]);

    [Fact]
    public void Status_AfterTheRevocation_ShowsNoCredential()
    {
        MailDeviceSnapshot after = Withdrawn with
        {
            HasFinalizer = false,
            IsGrantRevoked = false,
            AreSlotsKnown = true,
            ObsoleteSecrets = [],
        };
        var before = new MailDeviceStatus
        {
            Binding = new ObjectReference { Name = "grafana" },
            Credentials = [new CredentialStatus { Id = "aaaaaa", State = CredentialState.Current }],
            IssuedAt = Now,
            NextRotationTime = Now,
            Conditions = [new Condition
            {
                Type = ConditionTypes.CredentialIssued,
                Status = "True",
                Reason = Reasons.Issued,
                Message = "",
            }],
        };

        MailDeviceStatus status = MailDeviceStatusWriter.StatusOf(
            new MailDevice(), before, after, MailDevicePlanner.Plan(after, Now), null, Now);

        Assert.Equal(
            (null, null, null, null), (status.Binding, status.Credentials, status.IssuedAt, status.NextRotationTime));
        Assert.Equal("False", StatusConditions.Find(status.Conditions!, ConditionTypes.CredentialIssued)!.Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // mutant: trust the finalizer, which whoever writes the device may set
    public void Plan_QuotaExceeded_IssuesNothingAndRechecks(bool hasFinalizer)
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(
            InSync with
            {
                HasFinalizer = hasFinalizer,
                Secret = new SecretState.Absent(),
                Slots = [],
                QuotaProblem = new SpecProblem(Reasons.QuotaExceeded, "full"),
            }, Now);

        Assert.Empty(plan.Changes);
        Assert.Equal(
            (ReadyStatus.False, Reasons.QuotaExceeded, false),
            (plan.Verdict.Ready, plan.Verdict.Reason, plan.Verdict.IsStalled));
        Assert.Equal(TimeSpan.FromMinutes(1), plan.RecheckAfter);
    }

    [Fact]
    public void Plan_ExpiredAndQuotaExceeded_IsExpired() =>
        Assert.Equal(
            Reasons.Expired,
            MailDevicePlanner.Plan(
                InSync.EndingAt(Now) with
                {
                    Secret = new SecretState.Absent(),
                    Slots = [],
                    QuotaProblem = new SpecProblem(Reasons.QuotaExceeded, "full"),
                },
                Now).Verdict.Reason);
}
