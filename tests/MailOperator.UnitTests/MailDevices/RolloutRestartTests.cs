using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Credentials;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailDevices.Status;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Plans;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>When workloads that use a password are restarted, and when not.</summary>
public sealed class RolloutRestartTests
{
    private static readonly ImmutableArray<RolloutTarget> Targets = [new RolloutTarget(RolloutKind.Deployment, "web")];
    private static readonly MailDeviceSnapshot Device =
        InSync with { Desired = Desired with { RestartTargets = Targets } };
    private static readonly SecretState.Owned Owing =
        Secret with { Credential = Snapshots.Record with { IsRestartOwed = true } };

    [Fact]
    public void Plan_NothingOwed_RestartsNothing() => Assert.Empty(MailDevicePlanner.Plan(Device, Now).Changes);

    [Fact]
    public void Plan_Owed_RestartsAfterALiveReadAndRechecks()
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(Device with { Secret = Owing }, Now);

        var restart = Assert.IsType<Change.RestartRollouts>(Assert.Single(plan.Changes));
        Assert.Equal((Owing, Targets.AsEnumerable()), (restart.Secret, restart.Targets.AsEnumerable()));
        Assert.True(plan.NeedsLiveSecret);
        Assert.Equal(ConvergencePlanner.RestartRecheck, plan.RecheckAfter);
        Assert.Equal(ReadyStatus.True, plan.Verdict.Ready);
    }

    [Fact]
    public void Plan_OwedAndSlotsToEnd_EndsThemFirst()
    {
        // Mutant: restart first. An API server that refuses it would keep a leaked password alive.
        MailDevicePlan plan = MailDevicePlanner.Plan(
            Device with { Secret = Owing, Slots = [Slot("aaaaaa"), Slot("xxxxxx")] }, Now);

        Assert.Equal(
            [typeof(Change.RemoveSlots), typeof(Change.RestartRollouts)],
            plan.Changes.Select(static change => change.GetType()));
    }

    [Fact]
    public void Plan_OwedAndSecretDiffers_RestartsNothingYet() =>
        Assert.DoesNotContain(
            MailDevicePlanner.Plan(Device with { Secret = Owing with { MatchesDesired = false } }, Now).Changes,
            static change => change is Change.RestartRollouts);

    [Fact]
    public void Issue_FollowsAnother_ExceptTheFirst()
    {
        Assert.False(Issue(Device with { Secret = new SecretState.Absent(), Slots = [] }).FollowsAnother);
        // The Secret was deleted, but pods still use its password.
        Assert.True(Issue(Device with { Secret = new SecretState.Absent() }).FollowsAnother);
        Assert.True(Issue(Device with { RotateToken = "two" }).FollowsAnother);
        Assert.True(Issue(Device with { Secret = Secret with { IsGenuine = false }, Slots = [] }).FollowsAnother);
    }

    [Fact]
    public void Annotation_AnyDeviceName_IsUniqueAndAtMost63Characters()
    {
        string longName = new string('a', 62) + ".b" + new string('c', 100);
        string one = RolloutRestarter.AnnotationFor(longName);

        Assert.Equal("restart.mailoperator.io/grafana", RolloutRestarter.AnnotationFor("grafana"));
        Assert.Equal("restart.mailoperator.io/".Length + 63, one.Length);
        Assert.NotEqual(one, RolloutRestarter.AnnotationFor(longName + "d"));
    }

    [Fact]
    public void StatusOf_RestartRefused_ReportsItBesideReady()
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(Device with { Secret = Owing }, Now);
        plan = plan with { Verdict = plan.Verdict with { RestartProblem = "Deployment 'web' could not be restarted" } };

        Condition[] conditions = MailDeviceConditions.Build(
            new MailDeviceStatus(), Device, plan.Verdict, failure: null, generation: 1, Now);

        Assert.Equal("True", StatusConditions.Find(conditions, ConditionTypes.Ready)!.Status);
        Assert.Equal(
            ("True", Reasons.RestartRefused, "Deployment 'web' could not be restarted"),
            StatusConditions.Find(conditions, ConditionTypes.RestartPending) is { } pending
                ? (pending.Status, pending.Reason, pending.Message)
                : default);
        Assert.Null(StatusConditions.Find(MailDeviceConditions.Build(
            new MailDeviceStatus(), Device, plan.Verdict with { RestartProblem = null }, null, 1,
            Now), ConditionTypes.RestartPending));
    }
}
