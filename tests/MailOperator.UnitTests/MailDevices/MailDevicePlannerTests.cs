using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailDevices.Verification;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Plans;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

public sealed class MailDevicePlannerTests
{
    [Fact]
    public void Plan_InSync_ChangesNothingAndIsReady()
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(InSync, Now);

        Assert.Empty(plan.Changes);
        Assert.Equal((ReadyStatus.True, Reasons.Issued), (plan.Verdict.Ready, plan.Verdict.Reason));
        Assert.Null(plan.RecheckAfter);
    }

    [Fact]
    public void Plan_NoFinalizer_AddsItFirst() =>
        Assert.Equal(
            [new Change.AddFinalizer()],
            MailDevicePlanner.Plan(InSync with { HasFinalizer = false, Secret = null, Slots = [] }, Now).Changes);

    [Fact]
    public void Plan_NoSecretAndNoSlot_Issues()
    {
        Change.IssueCredential issue = Issue(InSync with { Secret = new SecretState.Absent(), Slots = [] });

        Assert.Equal(Reasons.Issued, issue.Reason);
        Assert.Empty(issue.Retiring);
        Assert.Null(issue.Overwrites);
    }

    [Theory]
    [InlineData(119, false)] // another operator may be about to commit it
    [InlineData(120, true)]
    public void Plan_UncommittedSlot_IsRemovedOnlyAfterTheGrace(int ageInSeconds, bool isRemoved)
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(
            InSync with { Slots = [Slot("aaaaaa"), Slot("xxxxxx", TimeSpan.FromSeconds(ageInSeconds))] }, Now);

        Assert.Equal(isRemoved, plan.Changes.Any(change => change is Change.RemoveSlots));
        Assert.Equal(isRemoved ? null : TimeSpan.FromSeconds(1), plan.RecheckAfter);
    }

    [Fact]
    public void Plan_SlotLost_RestoresItWithoutARotation() =>
        Assert.Equal([new Change.RestoreSlot(Secret)], MailDevicePlanner.Plan(InSync with { Slots = [] }, Now).Changes);

    [Fact]
    public void Plan_RestrictionsDiffer_PutsCurrentAndRetiringSlots()
    {
        DesiredCredential suspended = Desired with
        {
            Access = Desired.Access with { Restrictions = Restrictions with { IsSuspended = true } },
        };
        MailDeviceSnapshot device = InSync with
        {
            Desired = suspended,
            Secret = WithRetiring(new RetiringCredential("bbbbbb", Now.AddHours(24))),
            Slots = [Slot("aaaaaa"), Slot("bbbbbb")],
        };

        MailDevicePlan plan = MailDevicePlanner.Plan(device, Now);

        var put = Assert.IsType<Change.PutSlots>(Assert.Single(plan.Changes));
        Assert.Equal(["aaaaaa", "bbbbbb"], put.Slots.Select(slot => slot.Selector));
        Assert.All(put.Slots, slot => Assert.True(slot.Restrictions.IsSuspended));
        Assert.Equal((ReadyStatus.False, Reasons.Suspended), (plan.Verdict.Ready, plan.Verdict.Reason));
    }

    [Fact]
    public void Plan_SlotNotIntact_IsPutAgain() =>
        Assert.IsType<Change.PutSlots>(Assert.Single(
            MailDevicePlanner.Plan(InSync with { Slots = [Slot("aaaaaa") with { IsIntact = false }] }, Now).Changes));

    [Fact]
    public void Plan_SecretDiffers_IsRepairedOrIfImmutableReplaced()
    {
        SecretState.Owned differs = Secret with { MatchesDesired = false };
        SecretState.Owned immutable = Secret with { MatchesDesired = false, MustBeReplaced = true };

        Assert.Equal(
            [new Change.RepairSecret(differs)], MailDevicePlanner.Plan(InSync with { Secret = differs }, Now).Changes);
        Assert.Equal(
            [new Change.ReplaceSecret(immutable)],
            MailDevicePlanner.Plan(InSync with { Secret = immutable }, Now).Changes);
    }

    [Fact]
    public void Plan_SecretUnderAnOldName_IsDeleted()
    {
        var obsolete = new ObsoleteSecret("old", "old-uid");

        Assert.Equal(
            [new Change.DeleteSecret(obsolete)],
            MailDevicePlanner.Plan(InSync with { ObsoleteSecrets = [obsolete] }, Now).Changes);
    }

    [Fact]
    public void Plan_ForeignSecret_IsLeftAlone()
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(
            InSync with { Secret = new SecretState.Foreign("belongs to Deployment 'x'") }, Now);

        Assert.Empty(plan.Changes);
        Assert.Equal(Reasons.SecretForeign, plan.Verdict.Reason);
        Assert.True(plan.Verdict.IsStalled);
        Assert.NotNull(plan.RecheckAfter);
    }

    [Theory]
    [InlineData(Reasons.NotAllowed, true)]
    [InlineData(Reasons.InvalidSpec, true)]
    [InlineData(Reasons.BackendUnavailable, false)] // the backend may come back by itself
    public void Plan_Problem_ChangesNothing(string reason, bool isStalled)
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(
            InSync with { Problem = new SpecProblem(reason, "why"), Desired = null, Secret = null }, Now);

        Assert.Empty(plan.Changes);
        Assert.Equal(
            (ReadyStatus.False, reason, isStalled), (plan.Verdict.Ready, plan.Verdict.Reason, plan.Verdict.IsStalled));
    }

    [Fact]
    public void Plan_Paused_ChangesNothingEvenIfDeleted()
    {
        Assert.Empty(MailDevicePlanner.Plan(InSync with { IsPaused = true, RotateToken = "two" }, Now).Changes);
        Assert.Empty(MailDevicePlanner.Plan(Deleted with { IsPaused = true }, Now).Changes);
    }

    [Fact]
    public void Plan_NamespaceTerminating_IssuesNothing() =>
        Assert.Empty(MailDevicePlanner.Plan(
            InSync with { IsNamespaceTerminating = true, Secret = new SecretState.Absent() }, Now).Changes);

    [Fact]
    public void Change_EveryKind_IsPlannedBySomeState()
    {
        SecretState.Owned differs = Secret with { MatchesDesired = false };
        var check = new LoginCheck
        {
            Endpoint = Desired.Secret.Endpoints[0],
            Username = Desired.Access.Username,
            PropagationDelay = TimeSpan.FromSeconds(2),
        };
        MailDeviceSnapshot[] states =
        [
            InSync with { HasFinalizer = false },
            InSync with { Secret = new SecretState.Absent() },
            InSync with { Slots = [] },
            Chosen with { RotateToken = "two" },
            InSync with { Slots = [Slot("aaaaaa") with { IsIntact = false }] },
            InSync with { Slots = [Slot("aaaaaa"), Slot("xxxxxx")] },
            InSync with { Secret = differs },
            InSync with { Secret = differs with { MustBeReplaced = true } },
            InSync with { Secret = Secret with { Credential = Snapshots.Record with { IsRestartOwed = true } } },
            InSync with { PropagationDelay = TimeSpan.Zero, Slots = [Slot("aaaaaa"), Slot("xxxxxx")] },
            InSync with
            {
                PropagationDelay = TimeSpan.Zero,
                EndedSlots = [Slot("xxxxxx") with { End = new SlotEnd(Now.AddMinutes(-1), EndsSessions: true) }],
            },
            InSync with { LoginCheck = check },
            Deleted with { LoginCheck = check },
            InSync with { RotateToken = "two" },
            Snapshots.Claimed with { Secret = new SecretState.Absent() },
            InSync with
            {
                LoginCheck = check,
                Secret = Secret with
                {
                    Credential = Snapshots.Record with
                    {
                        ToBeRefused = [new SealedPassword("bbbbbb", Now.AddHours(-1), "00")],
                    },
                },
            },
            Deleted with
            {
                DeletionPolicy = DeletionPolicy.Retain,
                OtherPlaces = [Place(Slot("aaaaaa")) with { IsRetentionAllowed = true }],
            },
            InSync.Suspended(),
            InSync with { RestoredUid = "uid-earlier" },
        ];

        IEnumerable<Type> planned = states.SelectMany(state => MailDevicePlanner.Plan(state, Now).Changes)
            .Select(change => change.GetType());

        Assert.Equal(
            typeof(Change).GetNestedTypes().Where(static type => !type.IsAbstract).Select(type => type.Name).Order(
                StringComparer.Ordinal),
            planned.Distinct().Select(type => type.Name).Order(StringComparer.Ordinal));
    }
}
