using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

public sealed class MailDevicePlannerTests
{
    private static readonly DateTimeOffset OverlapEnd = Now.AddHours(24);

    [Fact]
    public void Plan_InSync_ChangesNothingAndIsReady()
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(InSync, Now);

        Assert.Empty(plan.Changes);
        Assert.Equal((ReadyStatus.True, Reasons.Issued), (plan.Verdict.Ready, plan.Verdict.Reason));
        Assert.Null(plan.RecheckAfter);
    }

    [Fact]
    public void Plan_NoFinalizer_AddsItBeforeAnythingElse() =>
        Assert.Equal([new Change.AddFinalizer()], MailDevicePlanner.Plan(InSync with { HasFinalizer = false, Secret = null, Slots = [] }, Now).Changes);

    [Fact]
    public void Plan_NoSecretAndNoSlot_Issues()
    {
        Change.IssueCredential issue = Issue(InSync with { Secret = new SecretState.Absent(), Slots = [] });

        Assert.Equal(Reasons.Issued, issue.Reason);
        Assert.Empty(issue.Retiring);
        Assert.Null(issue.Over);
    }

    [Fact]
    public void Plan_SecretDeletedByHand_IssuesAndKeepsWhatPodsHoldForTheOverlap()
    {
        Change.IssueCredential issue = Issue(InSync with { Secret = new SecretState.Absent() });

        Assert.Equal(Reasons.SecretDeleted, issue.Reason);
        Assert.Equal([new RetiringCredential("aaaaaa", OverlapEnd)], issue.Retiring.AsEnumerable());
    }

    [Fact]
    public void Plan_SecretDeletedAndALeakToldOf_EndsWhatPodsHoldNow()
    {
        // Mutant: the overlap of a lost Secret. The token would count as answered and the leaked password would live on.
        Change.IssueCredential issue = Issue(InSync with { Secret = new SecretState.Absent(), RotateAndRevokeToken = "leak" });

        Assert.Equal(Reasons.Revoked, issue.Reason);
        Assert.Equal([new RetiringCredential("aaaaaa", Now)], issue.Retiring.AsEnumerable());
        Assert.False(issue.IsUnasked);
    }

    [Fact]
    public void Plan_SecretDeletedAfterALeakWasDealtWith_KeepsTheOverlap() => Assert.Equal(
        [new RetiringCredential("aaaaaa", OverlapEnd)],
        Issue(InSync with { Secret = new SecretState.Absent(), RotateAndRevokeToken = "leak", ReportedRotateAndRevoke = "leak" }).Retiring.AsEnumerable());

    [Theory]
    [InlineData(60, false, Reasons.Issued)] // what an issue left that was cut short: nobody has read its password
    [InlineData(60, true, Reasons.SecretDeleted)] // it was handed out a minute ago
    [InlineData(121, false, Reasons.SecretDeleted)] // a status may be lost
    public void Plan_NoSecretAndAYoungSlot_RetiresItOnlyIfItWasHandedOut(int ageInSeconds, bool isReported, string reason)
    {
        MailDeviceSnapshot device = InSync with
        {
            Secret = new SecretState.Absent(),
            Slots = [Slot("aaaaaa", TimeSpan.FromSeconds(ageInSeconds))],
            ReportedCredentials = isReported ? ["aaaaaa"] : [],
        };

        Assert.Equal((reason, reason == Reasons.Issued ? 0 : 1), (Issue(device).Reason, Issue(device).Retiring.Length));
    }

    [Theory]
    [InlineData("two", true)]
    [InlineData("one", false)] // the token that was handled, set again
    [InlineData("", false)] // the annotation removed
    public void Plan_RotateToken_RotatesOnlyForAnotherValue(string token, bool rotates) =>
        Assert.Equal(rotates, MailDevicePlanner.Plan(InSync with { RotateToken = token }, Now).Changes.Any());

    [Fact]
    public void Plan_Rotation_KeepsTheOldOneForTheOverlapAndEarlierOnesForTheRestOfTheirs()
    {
        SecretState.Owned secret = WithRetiring(new RetiringCredential("bbbbbb", Now.AddHours(3)), new RetiringCredential("cccccc", Now.AddSeconds(-1)));

        Change.IssueCredential issue = Issue(InSync with { Secret = secret, RotateToken = "two" });

        Assert.Equal(
            [new RetiringCredential("aaaaaa", OverlapEnd), new RetiringCredential("bbbbbb", Now.AddHours(3))], issue.Retiring.AsEnumerable());
        Assert.Equal(secret, issue.Over);
    }

    [Fact]
    public void Plan_RotateAndRevoke_EndsEveryEarlierOneNow()
    {
        SecretState.Owned secret = WithRetiring(new RetiringCredential("bbbbbb", Now.AddHours(3)));

        Change.IssueCredential issue = Issue(InSync with { Secret = secret, RotateAndRevokeToken = "leak", RotateToken = "two" });

        Assert.Equal(Reasons.Revoked, issue.Reason);
        Assert.Equal([new RetiringCredential("aaaaaa", Now), new RetiringCredential("bbbbbb", Now)], issue.Retiring.AsEnumerable());
    }

    [Fact]
    public void Plan_RotateAndRevoke_EndsTheLeakedOnesBeforeAnythingIsMade()
    {
        // Mutants: ended after the commit, which waits for a hash, the mail server and the API server; a token that was
        // superseded ends what stands in the Secret; another operator's work in progress ends too.
        SecretState.Owned secret = WithRetiring(new RetiringCredential("bbbbbb", Now.AddHours(3)));
        MailDeviceSnapshot device = InSync with
        {
            Secret = secret,
            RotateAndRevokeToken = "leak",
            Slots = [Slot("aaaaaa"), Slot("bbbbbb"), Slot("cccccc", TimeSpan.FromSeconds(3))],
        };

        MailDevicePlan plan = MailDevicePlanner.Plan(device, Now);

        Assert.Equal(
            [typeof(Change.ConfirmTokens), typeof(Change.RemoveSlots), typeof(Change.IssueCredential)], plan.Changes.Select(static change => change.GetType()));
        Assert.Equal(["aaaaaa", "bbbbbb"], Assert.Single(plan.Changes.OfType<Change.RemoveSlots>()).Selectors.AsEnumerable());
        Assert.True(Assert.Single(plan.Changes.OfType<Change.RemoveSlots>()).EndsSessions);
        Assert.Equal(
            typeof(Change.RefuseSlots), MailDevicePlanner.Plan(device with { SettleTime = TimeSpan.Zero }, Now).Changes[1].GetType());
    }

    [Fact]
    public void Plan_TamperedSecret_RotatesAndBelievesTheBackendNotTheAnnotations()
    {
        // The forged bookkeeping claims a slot that never was and one far in the future.
        SecretState.Owned forged = WithRetiring(new RetiringCredential("zzzzzz", Now.AddYears(9))) with { IsGenuine = false };

        Change.IssueCredential issue = Issue(InSync with { Secret = forged });

        Assert.Equal(Reasons.SecretTampered, issue.Reason);
        Assert.Equal([new RetiringCredential("aaaaaa", OverlapEnd)], issue.Retiring.AsEnumerable());
    }

    [Fact]
    public void Plan_IntervalOver_RotatesWithTheOverlapAsSomethingNobodyAskedFor()
    {
        MailDeviceSnapshot device = InSync with { Desired = Desired with { Interval = TimeSpan.FromDays(90) } };
        DateTimeOffset due = RotationSchedule.Next(device.Uid, Snapshots.Record, TimeSpan.FromDays(90))!.Value;
        Assert.InRange(due, Snapshots.Record.IssuedAt.AddDays(81), Snapshots.Record.IssuedAt.AddDays(90));

        MailDevicePlan before = MailDevicePlanner.Plan(device, due.AddSeconds(-1));
        var issue = Assert.Single(MailDevicePlanner.Plan(device, due).Changes.OfType<Change.IssueCredential>());

        Assert.Empty(before.Changes);
        Assert.Equal(TimeSpan.FromSeconds(1), before.RecheckAfter);
        Assert.Equal([new RetiringCredential("aaaaaa", due.AddHours(24))], issue.Retiring.AsEnumerable());
        Assert.True(issue.IsUnasked);
        Assert.False(Issue(device with { RotateToken = "two" }).IsUnasked); // what a person asks for waits for nobody
    }

    [Fact]
    public void Schedule_ManyDevices_AreSpreadAndStayWhereTheyAre()
    {
        DateTimeOffset[] times = [.. Enumerable.Range(0, 1000).Select(number => RotationSchedule.Next($"uid-{number}", Snapshots.Record, TimeSpan.FromDays(10))!.Value)];

        // Mutant: a die thrown anew at every look, which moves the date at every restart.
        Assert.Equal(times[0], RotationSchedule.Next("uid-0", Snapshots.Record, TimeSpan.FromDays(10)));
        Assert.All(Enumerable.Range(0, 24), hour => Assert.InRange(
            times.Count(time => time >= Snapshots.Record.IssuedAt.AddDays(9).AddHours(hour) && time < Snapshots.Record.IssuedAt.AddDays(9).AddHours(hour + 1)), 15, 75));
    }

    [Fact]
    public void Plan_Expired_EndsEverySlotAndTheSecretAndKeepsTheObject()
    {
        MailDeviceSnapshot device = InSync with { Desired = Desired with { ExpiresAt = Now }, Slots = [Slot("aaaaaa"), Slot("bbbbbb")] };

        MailDevicePlan plan = MailDevicePlanner.Plan(device, Now);

        Assert.Equal(["aaaaaa", "bbbbbb"], Assert.IsType<Change.RemoveSlots>(plan.Changes[0]).Selectors.AsEnumerable());
        Assert.Equal(new Change.DeleteSecret(new StraySecret("grafana", "secret-uid")), plan.Changes[1]);
        Assert.Equal((ReadyStatus.False, Reasons.Expired), (plan.Verdict.Ready, plan.Verdict.Reason));
        Assert.Empty(MailDevicePlanner.Plan(device with { Slots = [], Secret = new SecretState.Absent() }, Now).Changes);
        Assert.Empty(MailDevicePlanner.Plan(device with { HasFinalizer = false, Slots = [], Secret = null }, Now).Changes);
    }

    [Fact]
    public void Plan_ExpiredThenExtended_IssuesAnew()
    {
        MailDeviceSnapshot device = InSync with { Desired = Desired with { ExpiresAt = Now.AddDays(9) }, Slots = [], Secret = new SecretState.Absent() };

        Assert.Equal(Reasons.Issued, Issue(device).Reason);
    }

    [Fact]
    public void Plan_Expiring_LooksAgainADayAheadAndThenSaysSo()
    {
        MailDeviceSnapshot device = InSync with { Desired = Desired with { ExpiresAt = Now.AddDays(3) } };

        MailDevicePlan early = MailDevicePlanner.Plan(device, Now);
        MailDevicePlan late = MailDevicePlanner.Plan(device, Now.AddDays(2));

        Assert.Equal((TimeSpan.FromDays(2), null), (early.RecheckAfter, early.Verdict.ExpiringAt));
        Assert.Equal((TimeSpan.FromDays(1), Now.AddDays(3)), (late.RecheckAfter, late.Verdict.ExpiringAt));
        Assert.Equal(ReadyStatus.True, late.Verdict.Ready);
    }

    [Fact]
    public void Plan_ManyEarlierOnes_KeepsTheNewestFew()
    {
        ImmutableArray<Slot> slots = [.. Enumerable.Range(0, 30).Select(number => Slot($"s{number:D5}", TimeSpan.FromMinutes(number + 10)))];

        Change.IssueCredential issue = Issue(InSync with { Secret = new SecretState.Absent(), Slots = slots });

        Assert.Equal(slots.Take(MailDevicePlanner.MostRetiring).Select(slot => slot.Selector), issue.Retiring.Select(retiring => retiring.Id));
    }

    [Fact]
    public void Plan_OverlapRunning_WaitsForItsEnd()
    {
        MailDeviceSnapshot device = InSync with { Secret = WithRetiring(new RetiringCredential("bbbbbb", Now.AddHours(3))), Slots = [Slot("aaaaaa"), Slot("bbbbbb")] };

        MailDevicePlan plan = MailDevicePlanner.Plan(device, Now);

        Assert.Empty(plan.Changes);
        Assert.Equal(Reasons.Retiring, plan.Verdict.Reason);
        Assert.Equal(TimeSpan.FromHours(3), plan.RecheckAfter);
    }

    [Fact]
    public void Plan_OverlapOver_RemovesTheOldSlotJudgedOnALiveSecret()
    {
        MailDeviceSnapshot device = InSync with { Secret = WithRetiring(new RetiringCredential("bbbbbb", Now)), Slots = [Slot("aaaaaa"), Slot("bbbbbb")] };

        MailDevicePlan plan = MailDevicePlanner.Plan(device, Now);

        Assert.Equal(["bbbbbb"], Assert.IsType<Change.RemoveSlots>(Assert.Single(plan.Changes)).Selectors.AsEnumerable());
        Assert.True(plan.NeedsLiveSecret);
    }

    [Theory]
    [InlineData(119, false)] // may be another operator's, about to be committed
    [InlineData(120, true)]
    public void Plan_SlotThatNoSecretNames_IsRemovedAfterTheGraceOnly(int ageInSeconds, bool isRemoved)
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(InSync with { Slots = [Slot("aaaaaa"), Slot("xxxxxx", TimeSpan.FromSeconds(ageInSeconds))] }, Now);

        Assert.Equal(isRemoved, plan.Changes.Any(change => change is Change.RemoveSlots));
        Assert.Equal(isRemoved ? null : TimeSpan.FromSeconds(1), plan.RecheckAfter);
    }

    [Fact]
    public void Plan_BackendLostTheSlot_PutsItBackWithoutARotation() =>
        Assert.Equal([new Change.RestoreSlot(Secret)], MailDevicePlanner.Plan(InSync with { Slots = [] }, Now).Changes);

    [Fact]
    public void Plan_RestrictionsDiffer_PutsCurrentAndRetiringSlots()
    {
        DesiredCredential suspended = Desired with { Restrictions = Restrictions with { IsSuspended = true } };
        MailDeviceSnapshot device = InSync with
        {
            Desired = suspended,
            Secret = WithRetiring(new RetiringCredential("bbbbbb", OverlapEnd)),
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
        Assert.IsType<Change.PutSlots>(Assert.Single(MailDevicePlanner.Plan(InSync with { Slots = [Slot("aaaaaa") with { IsIntact = false }] }, Now).Changes));

    [Fact]
    public void Plan_SecretDiffers_IsRepairedAndOneThatCannotBeIsReplaced()
    {
        SecretState.Owned differs = Secret with { MatchesDesired = false };
        SecretState.Owned frozen = Secret with { MatchesDesired = false, MustBeReplaced = true };

        Assert.Equal([new Change.RepairSecret(differs)], MailDevicePlanner.Plan(InSync with { Secret = differs }, Now).Changes);
        Assert.Equal([new Change.ReplaceSecret(frozen)], MailDevicePlanner.Plan(InSync with { Secret = frozen }, Now).Changes);
    }

    [Fact]
    public void Plan_SecretUnderAnOldName_IsDeleted()
    {
        var stray = new StraySecret("old", "old-uid");

        Assert.Equal([new Change.DeleteSecret(stray)], MailDevicePlanner.Plan(InSync with { Strays = [stray] }, Now).Changes);
    }

    [Fact]
    public void Plan_ForeignSecret_IsLeftAlone()
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(InSync with { Secret = new SecretState.Foreign("belongs to Deployment 'x'") }, Now);

        Assert.Empty(plan.Changes);
        Assert.Equal(Reasons.SecretForeign, plan.Verdict.Reason);
        Assert.True(plan.Verdict.IsStalled);
        Assert.NotNull(plan.RecheckAfter);
    }

    [Theory]
    [InlineData(Reasons.NotAllowed, true)]
    [InlineData(Reasons.InvalidSpec, true)]
    [InlineData(Reasons.BackendUnavailable, false)] // it may come by itself
    public void Plan_Problem_ChangesNothing(string reason, bool isStalled)
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(InSync with { Problem = new SpecProblem(reason, "why"), Desired = null, Secret = null }, Now);

        Assert.Empty(plan.Changes);
        Assert.Equal((ReadyStatus.False, reason, isStalled), (plan.Verdict.Ready, plan.Verdict.Reason, plan.Verdict.IsStalled));
    }

    [Fact]
    public void Plan_Paused_ChangesNothingNotEvenADeletion()
    {
        Assert.Empty(MailDevicePlanner.Plan(InSync with { IsPaused = true, RotateToken = "two" }, Now).Changes);
        Assert.Empty(MailDevicePlanner.Plan(Deleted with { IsPaused = true }, Now).Changes);
    }

    [Fact]
    public void Plan_NamespaceGoing_IssuesNothing() =>
        Assert.Empty(MailDevicePlanner.Plan(InSync with { IsNamespaceGoing = true, Secret = new SecretState.Absent() }, Now).Changes);

    [Fact]
    public void Plan_Deleted_RevokesThenDeletesTheSecretThenLetsGo() =>
        Assert.Equal(
            [new Change.RevokeAll(IsAbandoned: false), new Change.DeleteSecret(new StraySecret("grafana", "secret-uid")), new Change.RemoveFinalizer()],
            MailDevicePlanner.Plan(Deleted, Now).Changes);

    [Fact]
    public void Plan_DeletedWithRetain_RevokesNothing() =>
        Assert.DoesNotContain(MailDevicePlanner.Plan(Deleted with { DeletionPolicy = DeletionPolicy.Retain }, Now).Changes, change => change is Change.RevokeAll);

    [Theory]
    [InlineData("uid-a", true)]
    [InlineData("uid-b", false)]
    [InlineData(null, false)]
    public void Plan_Abandon_CountsOnlyWithItsOwnUid(string? token, bool isAbandoned) =>
        Assert.Equal(new Change.RevokeAll(isAbandoned), MailDevicePlanner.Plan(Deleted with { AbandonToken = token }, Now).Changes[0]);

    [Fact]
    public void Plan_DeletedWithoutFinalizer_IsNoneOfOurBusiness() =>
        Assert.Empty(MailDevicePlanner.Plan(Deleted with { HasFinalizer = false }, Now).Changes);

    [Fact]
    public void Change_EveryKind_IsPlannedBySomeState()
    {
        SecretState.Owned differs = Secret with { MatchesDesired = false };
        var tried = new LoginCheck { Endpoint = Desired.Endpoints[0], Username = Desired.Username, SettleTime = TimeSpan.FromSeconds(2) };
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
            InSync with { SettleTime = TimeSpan.Zero, Slots = [Slot("aaaaaa"), Slot("xxxxxx")] },
            InSync with { SettleTime = TimeSpan.Zero, EndedSlots = [Slot("xxxxxx") with { End = new SlotEnd(Now.AddMinutes(-1), EndsSessions: true) }] },
            InSync with { LoginCheck = tried },
            Deleted with { LoginCheck = tried },
            InSync with { RotateToken = "two" },
            Snapshots.Held with { Secret = new SecretState.Absent() },
            InSync with { LoginCheck = tried, Secret = Secret with { Credential = Snapshots.Record with { ToBeRefused = [new SealedPassword("bbbbbb", Now.AddHours(-1), "00")] } } },
            Deleted with { DeletionPolicy = DeletionPolicy.Retain },
        ];

        IEnumerable<Type> planned = states.SelectMany(state => MailDevicePlanner.Plan(state, Now).Changes).Select(change => change.GetType());

        Assert.Equal(
            typeof(Change).GetNestedTypes().Select(type => type.Name).Order(StringComparer.Ordinal),
            planned.Distinct().Select(type => type.Name).Order(StringComparer.Ordinal));
    }

    private static Change.IssueCredential Issue(MailDeviceSnapshot device) =>
        Assert.Single(MailDevicePlanner.Plan(device, Now).Changes.OfType<Change.IssueCredential>());

    private static SecretState.Owned WithRetiring(params RetiringCredential[] retiring) =>
        Secret with { Credential = Snapshots.Record with { Retiring = [.. retiring] } };
}
