using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Plans;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>The order of the planner's cases, and what it reports if it changes nothing.</summary>
public sealed class MailDevicePlannerEdgeTests
{
    private static readonly SpecProblem Problem = new(Reasons.NotAllowed, "no grant");

    private static readonly Dictionary<string, (MailDeviceSnapshot Device, ReadyStatus Ready, string Reason)> Idle =
        new()
        {
            ["deleted without the finalizer"] = (
                Deleted with { HasFinalizer = false }, ReadyStatus.False, Reasons.Revoked),
            ["deleted without the finalizer, paused"] = (
                Deleted with { HasFinalizer = false, IsPaused = true }, ReadyStatus.False, Reasons.Revoked),
            ["paused with a rotation asked for"] = (
                InSync with { IsPaused = true, RotateToken = "two" }, ReadyStatus.Unknown, Reasons.Paused),
            ["paused with a problem"] = (
                InSync with { IsPaused = true, Problem = Problem }, ReadyStatus.Unknown, Reasons.Paused),
            ["deleted and paused"] = (Deleted with { IsPaused = true }, ReadyStatus.Unknown, Reasons.Paused),
            ["namespace going, with a problem"] = (
                InSync with { IsNamespaceTerminating = true, Problem = Problem }, ReadyStatus.False, Reasons.Pending),
            ["namespace going, never seen before"] = (
                InSync with { IsNamespaceTerminating = true, HasFinalizer = false, Slots = [] }, ReadyStatus.False,
                Reasons.Pending),
            ["problem without the finalizer"] = (
                InSync with { HasFinalizer = false, Problem = Problem, Slots = [] }, ReadyStatus.False,
                Reasons.NotAllowed),
            ["expired with a Secret of another"] = (
                Expired(new SecretState.Foreign("is another's")), ReadyStatus.False, Reasons.Expired),
            ["expired with a Secret that is going"] = (
                Expired(Secret with { IsDeleting = true }), ReadyStatus.False, Reasons.Expired),
            ["expired with the finalizer never set"] = (
                Expired(null) with { HasFinalizer = false }, ReadyStatus.False, Reasons.Expired),
            ["Secret of another, rotation asked for"] = (
                InSync with { Secret = new SecretState.Foreign("x"), RotateToken = "two" }, ReadyStatus.False,
                Reasons.SecretForeign),
            ["Secret going, forged"] = (
                InSync with { Secret = Secret with { IsDeleting = true, IsGenuine = false } }, ReadyStatus.False,
                Reasons.Pending),
        };

    public static TheoryData<string> IdleNames => [.. Idle.Keys];

    [Theory]
    [MemberData(nameof(IdleNames))]
    public void Plan_IdleState_ChangesNothingAndSaysWhy(string name)
    {
        (MailDeviceSnapshot device, ReadyStatus ready, string reason) = Idle[name];

        MailDevicePlan plan = MailDevicePlanner.Plan(device, Now);

        Assert.Empty(plan.Changes);
        Assert.Equal((ready, reason), (plan.Verdict.Ready, plan.Verdict.Reason));
        Assert.NotEmpty(plan.Verdict.Message);
        Assert.False(plan.NeedsLiveSecret);
    }

    [Fact]
    public void Plan_DeletedInATerminatingNamespace_StillRevokes() =>
        Assert.Contains(
            new Change.RemoveAll { At = "dovecot" },
            MailDevicePlanner.Plan(Deleted with { IsNamespaceTerminating = true }, Now).Changes);

    [Fact]
    public void Plan_DeletedWithAProblem_StillRevokes() =>
        // Mutant: a withdrawn grant or an invalid spec keeps the credential alive forever.
        Assert.Contains(
            new Change.RemoveAll { At = "dovecot" },
            MailDevicePlanner.Plan(Deleted with { Problem = Problem, Desired = null }, Now).Changes);

    [Fact]
    public void Plan_DeletedWithRetain_RetainsTheSlotsAndRemovesTheFinalizer()
    {
        ImmutableArray<Change> changes = MailDevicePlanner.Plan(
            Deleted with
            {
                DeletionPolicy = DeletionPolicy.Retain,
                OtherPlaces = [Place(Slot("aaaaaa")) with { IsRetentionAllowed = true }],
            },
            Now).Changes;

        Assert.True(Assert.Single(Assert.IsType<Change.RetainSlots>(changes[0]).Slots).IsRetained);
        Assert.Equal(
            [
                new Change.AnnounceEnd(IsRetained: true),
                new Change.DeleteSecret(new ObsoleteSecret("grafana", "secret-uid")),
                new Change.RemoveFinalizer { LeavesPasswords = true },
            ],
            changes[1..]);
    }

    [Fact]
    public void Plan_SecretDeletingOrForeign_Rechecks()
    {
        // No watch shows a foreign Secret, or the end of a Secret that has lost its label.
        Assert.InRange(
            Recheck(InSync with { Secret = Secret with { IsDeleting = true } }), TimeSpan.FromSeconds(1),
            TimeSpan.FromSeconds(10));
        Assert.InRange(
            Recheck(InSync with { Secret = new SecretState.Foreign("x") }), TimeSpan.FromSeconds(10),
            TimeSpan.FromMinutes(5));

        static TimeSpan Recheck(MailDeviceSnapshot device) => MailDevicePlanner.Plan(device, Now).RecheckAfter!.Value;
    }

    [Fact]
    public void Plan_SeveralReasonsToRotate_IssuesOnePasswordForAll()
    {
        MailDeviceSnapshot device = InSync with
        {
            Secret = Secret with { IsGenuine = false },
            RotateToken = "two",
            RotateAndRevokeToken = "leak",
            Desired = Desired with { Lifetime = Desired.Lifetime with { Interval = TimeSpan.FromSeconds(10) } },
        };

        var issue = Assert.Single(MailDevicePlanner.Plan(device, Now).Changes.OfType<Change.IssueCredential>());

        Assert.Equal(Reasons.SecretTampered, issue.Reason);
        // The leaked password ends now, whatever the other reasons are.
        Assert.All(issue.Retiring, retiring => Assert.Equal(Now, retiring.At));
        Assert.False(issue.IsUnasked);
    }

    [Fact]
    public void Plan_Issue_IsUnaskedUnlessRequestedOrFirst()
    {
        Assert.True(Issue(InSync with { Secret = Secret with { IsGenuine = false } }).IsUnasked);
        Assert.True(Issue(InSync with { Secret = new SecretState.Absent() }).IsUnasked);
        Assert.False(Issue(InSync with { Secret = new SecretState.Absent(), Slots = [] }).IsUnasked); // the first one
        Assert.False(Issue(InSync with { RotateToken = "two" }).IsUnasked);
    }

    [Fact]
    public void Plan_RotationAndRepairAtOnce_OnlyRotates() =>
        // The write of the new password repairs the Secret as well, so a repair before it would be redundant.
        Assert.Equal(
            [typeof(Change.ConfirmTokens), typeof(Change.IssueCredential)],
            MailDevicePlanner.Plan(
                InSync with { RotateToken = "two", Secret = Secret with { MatchesDesired = false } },
                Now).Changes.Select(static change => change.GetType()));

    [Fact]
    public void Plan_EverythingDiffers_RemovesFirstAndPutsSlotsBeforeTheSecret()
    {
        MailDeviceSnapshot device = InSync with
        {
            Secret = Secret with
            {
                MatchesDesired = false,
                Credential = Snapshots.Record with { Retiring = [new RetiringCredential("bbbbbb", Now.AddHours(1))] },
            },
            Slots = [Slot("bbbbbb") with { IsIntact = false }, Slot("xxxxxx")],
            ObsoleteSecrets = [new ObsoleteSecret("old", "old-uid")],
        };

        Assert.Equal(
            [
                nameof(Change.RemoveSlots), nameof(Change.RestoreSlot), nameof(Change.PutSlots),
                nameof(Change.RepairSecret), nameof(Change.DeleteSecret),
            ],
            MailDevicePlanner.Plan(device, Now).Changes.Select(change => change.GetType().Name));
    }

    [Fact]
    public void Plan_MailboxDiffers_MovesTheSlotWithItsHash()
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(
            InSync with { Slots = [Slot("aaaaaa") with { Mailbox = "old@example.com" }] }, Now);

        Assert.Equal(
            [Slot("aaaaaa")], Assert.IsType<Change.PutSlots>(Assert.Single(plan.Changes)).Slots.AsEnumerable());
    }

    [Fact]
    public void Plan_UncommittedSlotWithWrongRestrictions_IsNotTouched() =>
        // It may be another operator's, between its push and its commit.
        Assert.Empty(MailDevicePlanner.Plan(InSync with
        {
            Slots =
            [
                Slot("aaaaaa"),
                Slot("xxxxxx", TimeSpan.Zero) with { Restrictions = Restrictions with { IsSuspended = true } },
            ],
        }, Now).Changes);

    [Fact]
    public void Plan_SeveralTimesAhead_RechecksAtTheFirst()
    {
        MailDeviceSnapshot device = InSync with
        {
            Desired = Desired with
            {
                Lifetime = Desired.Lifetime with { ExpiresAt = Now.AddDays(30), Interval = TimeSpan.FromDays(90) },
            },
            Secret = Secret with
            {
                Credential = Snapshots.Record with
                {
                    Retiring =
                    [
                        new RetiringCredential("bbbbbb", Now.AddHours(5)),
                        new RetiringCredential("cccccc", Now.AddHours(3)),
                    ],
                },
            },
            Slots = [Slot("aaaaaa"), Slot("bbbbbb"), Slot("cccccc")],
        };

        Assert.Equal(TimeSpan.FromHours(3), MailDevicePlanner.Plan(device, Now).RecheckAfter);
    }

    private static MailDeviceSnapshot Expired(SecretState? secret) =>
        InSync.EndingAt(Now.AddSeconds(-1)) with
        {
            Slots = [],
            Secret = secret,
        };
}
