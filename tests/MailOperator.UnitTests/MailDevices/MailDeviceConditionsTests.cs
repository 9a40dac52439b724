using CsCheck;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Status;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Snapshots;
using DeviceState = (
    MailOperator.MailDevices.Planning.MailDeviceSnapshot Device,
    MailOperator.Backends.MailBackendException? Failure,
    string Expected);

namespace MailOperator.UnitTests.MailDevices;

public sealed class MailDeviceConditionsTests
{
    private static readonly MailDeviceSnapshot NotAllowed =
        InSync with { Problem = new SpecProblem(Reasons.NotAllowed, "no grant"), Desired = null, Secret = null };
    private static readonly MailBackendException Down = new(BackendFailure.Unavailable, "no route");

    /// <summary>Every state of a device, by a readable name.</summary>
    internal static readonly Dictionary<string, DeviceState> Table = new()
    {
        ["in sync"] = (InSync, null, "Ready=True CredentialIssued=True BackendSynced=True"),
        ["in sync, overlap running"] = (Retiring, null, "Ready=True CredentialIssued=True BackendSynced=True"),
        ["before the first look"] = (
            InSync with { HasFinalizer = false, Secret = null }, null,
            "Ready=Unknown CredentialIssued=Unknown BackendSynced=Unknown Reconciling=True"),
        ["being issued"] = (
            InSync with { Secret = new SecretState.Absent(), Slots = [] }, null,
            "Ready=False CredentialIssued=False BackendSynced=Unknown Reconciling=True"),
        ["being issued, backend down"] = (
            InSync with { Secret = new SecretState.Absent(), Slots = [] }, Down,
            "Ready=False CredentialIssued=False BackendSynced=False Reconciling=True"),
        ["Secret of another"] = (
            InSync with { Secret = new SecretState.Foreign("x") }, null,
            "Ready=False CredentialIssued=False BackendSynced=Unknown Stalled=True"),
        ["Secret forged"] = (
            InSync with { Secret = Secret with { IsGenuine = false } }, null,
            "Ready=False CredentialIssued=False BackendSynced=True Reconciling=True"),
        ["not allowed"] = (NotAllowed, null, "Ready=False CredentialIssued=Unknown BackendSynced=Unknown Stalled=True"),
        ["backend missing"] = (
            NotAllowed with { Problem = new SpecProblem(Reasons.BackendUnavailable, "x") }, null,
            "Ready=False CredentialIssued=Unknown BackendSynced=Unknown Reconciling=True"),
        ["backend down"] = (
            InSync with { Secret = null, Slots = [] }, Down,
            "Ready=False CredentialIssued=Unknown BackendSynced=False Reconciling=True"),
        ["user suspended"] = (InSync with
        {
            Desired = Desired with
            {
                Access = Desired.Access with
                {
                    SuspendedUser = "ada",
                    Restrictions = Restrictions with { IsSuspended = true },
                },
            },
        }, null, "Ready=False CredentialIssued=True BackendSynced=True"),
        ["user missing"] = (
            InSync with { Desired = null, Secret = null, Problem = new SpecProblem(Reasons.UserNotFound, "no user") },
            null, "Ready=False CredentialIssued=Unknown BackendSynced=Unknown Stalled=True"),
        ["rotation asked for, backend down"] = (
            InSync with { RotateToken = "two" }, Down,
            "Ready=False CredentialIssued=True BackendSynced=False Reconciling=True RotationPending=True"),
        ["rotation asked for while paused"] = (
            InSync with { RotateToken = "two", IsPaused = true }, null,
            "Ready=Unknown CredentialIssued=True BackendSynced=Unknown RotationPending=True"),
        ["paused with another word"] = (
            InSync with { UnknownPause = "yes" }, null,
            "Ready=True CredentialIssued=True BackendSynced=True Ignored=True"),
        ["window without an interval"] = (
            InSync with { HasOwnWindow = true }, null,
            "Ready=True CredentialIssued=True BackendSynced=True Ignored=True"),
        ["no place left"] = (
            InSync with { Secret = null, Slots = [], QuotaProblem = new SpecProblem(Reasons.QuotaExceeded, "full") },
            null, "Ready=False CredentialIssued=Unknown BackendSynced=Unknown Reconciling=True"),
        ["suspended"] = (InSync with
        {
            Desired = Desired with
            {
                Access = Desired.Access with { Restrictions = Restrictions with { IsSuspended = true } },
            },
        }, null, "Ready=False CredentialIssued=True BackendSynced=True"),
        ["paused, never seen"] = (
            InSync with { IsPaused = true, Secret = null, Desired = null }, null,
            "Ready=Unknown CredentialIssued=Unknown BackendSynced=Unknown"),
        ["verified"] = (
            InSync with { LoginCheck = Answered(LoginOutcome.Accepted) }, null,
            "Ready=True CredentialIssued=True BackendSynced=True Verified=True"),
        ["not verified"] = (
            InSync with { LoginCheck = Answered(LoginOutcome.Refused) }, null,
            "Ready=True CredentialIssued=True BackendSynced=True Verified=False"),
        ["mail server out of reach"] = (
            InSync with { LoginCheck = Answered(LoginOutcome.Unclear) }, null,
            "Ready=True CredentialIssued=True BackendSynced=True Verified=Unknown"),
        ["refused before it was handed out"] = (
            InSync with { Secret = new SecretState.Absent(), Slots = [], LoginCheck = Answered(LoginOutcome.Refused) },
            new MailBackendException(BackendFailure.NotAccepted, "refused"),
            "Ready=False CredentialIssued=False BackendSynced=False Verified=False Reconciling=True"),
        ["expiring"] = (
            InSync.EndingAt(Now.AddHours(2)),
            null, "Ready=True CredentialIssued=True BackendSynced=True Expiring=True"),
        ["expired"] = (InSync.EndingAt(Now) with
        {
            Slots = [],
            Secret = new SecretState.Absent(),
        }, null, "Ready=False CredentialIssued=False BackendSynced=Unknown Stalled=True Expired=True"),
        ["expired, backend down"] = (
            InSync.EndingAt(Now), Down,
            "Ready=False CredentialIssued=True BackendSynced=False Reconciling=True RevocationPending=True"),
        ["deleted"] = (
            Deleted, null,
            "Ready=False CredentialIssued=Unknown BackendSynced=Unknown Reconciling=True RevocationPending=True"),
        ["deleted, backend down"] = (
            Deleted, Down,
            "Ready=False CredentialIssued=Unknown BackendSynced=False Reconciling=True RevocationPending=True"),
    };

    private static LoginCheck Answered(LoginOutcome outcome) => new()
    {
        Endpoint = Desired.Secret.Endpoints[0],
        Username = Desired.Access.Username,
        PropagationDelay = TimeSpan.FromSeconds(2),
        Answer = new LoginAnswer(outcome, "SMTP at mail.example.com:465 says so"),
        AnswerIsFor = Snapshots.Record.Selector,
    };

    public static TheoryData<string> States => [.. Table.Keys];

    private static MailDeviceSnapshot Retiring => InSync with
    {
        Secret = Secret with
        {
            Credential = Snapshots.Record with { Retiring = [new RetiringCredential("bbbbbb", Now.AddHours(1))] },
        },
        Slots = [Slot("aaaaaa"), Slot("bbbbbb")],
    };

    [Theory]
    [MemberData(nameof(States))]
    public void Build_State_HasExactlyTheseConditions(string name)
    {
        (MailDeviceSnapshot device, MailBackendException? failure, string expected) = Table[name];

        Assert.Equal(expected, string.Join(' ', Build([], device, failure).Select(one => $"{one.Type}={one.Status}")));
    }

    [Theory]
    [MemberData(nameof(States))]
    public void Build_State_FollowsKstatus(string name)
    {
        Condition[] conditions = Build([], Table[name].Device, Table[name].Failure);
        string[] abnormal = [.. conditions.Where(
            one => one.Type is ConditionTypes.Reconciling or ConditionTypes.Stalled).Select(one => one.Status)];
        bool isReady = conditions.Single(one => one.Type == ConditionTypes.Ready).Status == "True";

        Assert.True(abnormal is [] or ["True"]); // never False, never both
        Assert.False(isReady && abnormal.Length > 0);
        Assert.Equal(conditions.Length, conditions.Select(one => one.Type).Distinct().Count());
        Assert.All(conditions, one => Assert.True(one.Reason.Length > 0 && one.Message.Length is > 0 and < 32_768));
        Assert.All(conditions, one => Assert.Matches("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$", one.Reason));
        Assert.All(conditions, one =>
            Assert.Contains(one.Reason, typeof(Reasons).GetFields().Select(field => (string)field.GetValue(null)!)));
        Assert.All(conditions, one => Assert.Contains(
            one.Type, typeof(ConditionTypes).GetFields().Select(field => (string)field.GetValue(null)!)));
    }

    [Fact]
    public void Build_AnyTransition_ChangesATimeOnlyWithItsStatus() =>
        Gen.Select(Gen.Int[0, Table.Count - 1], Gen.Int[0, Table.Count - 1]).Sample((from, to) =>
        {
            Condition[] before = Build([], Table.Values.ElementAt(from).Device, Table.Values.ElementAt(from).Failure);
            (MailDeviceSnapshot device, MailBackendException? failure, _) = Table.Values.ElementAt(to);
            Condition[] after = Build(before, device, failure, Now.AddHours(1).AddMilliseconds(700));

            return after.All(one => one.LastTransitionTime
                == (StatusConditions.Find(before, one.Type)?.Status == one.Status ? Now : Now.AddHours(1)));
        }, iter: 1000);

    [Fact]
    public void Build_SameStateAgain_IsIdentical() => Assert.All(Table.Values, state =>
    {
        // Otherwise a pass that finds nothing to do would write a status.
        Condition[] once = Build([], state.Device, state.Failure), again = Build(
            once, state.Device, state.Failure, Now.AddHours(1));

        Assert.Equal(once, again);
    });

    [Fact]
    public void Build_GenerationOfTheSpec_IsInEveryCondition() =>
        Assert.All(
            Build(Build([], InSync, null), NotAllowed, null, generation: 9),
            one => Assert.Equal(9, one.ObservedGeneration));

    [Fact]
    public void Build_PausedWhileReady_KeepsReadyAndTheOtherConditions()
    {
        Condition[] before = Build([], InSync, null);

        Condition[] paused = Build(
            before, InSync with { IsPaused = true, Secret = null, Desired = null }, null, Now.AddHours(1));

        Assert.Equal(
            ["Ready=True", "CredentialIssued=True", "BackendSynced=True"],
            paused.Select(one => $"{one.Type}={one.Status}"));
        Assert.All(paused, one => Assert.Equal(Now, one.LastTransitionTime));
        Assert.Contains(Annotations.Paused, paused[0].Message);
    }

    [Theory]
    // Mutant: the condition goes with the suspension. The user's status would say that nothing restricts the device.
    [InlineData(true, true, true)]
    [InlineData(false, true, false)]
    [InlineData(true, false, false)]
    public void Build_SuspensionLifted_StaysWhileAHoldKeepsThePasswordRefused(
        bool isHeld, bool isRefused, bool hasCondition)
    {
        Condition suspended = Conditions.True(ConditionTypes.Suspended, Reasons.UserSuspended, "refused") with
        {
            LastTransitionTime = Now,
        };
        Slot[] slots = [.. InSync.Slots.Select(slot => slot with
        {
            Restrictions = slot.Restrictions with { IsSuspended = isRefused },
        })];
        MailDeviceSnapshot device = InSync with
        {
            MayHaveSlots = true,
            AreSlotsKnown = true,
            Slots = [.. slots],
            Problem = isHeld ? new SpecProblem(Reasons.InvalidSpec, "A template is wrong") : null,
        };

        Condition? after = StatusConditions.Find(Build([suspended], device, null), ConditionTypes.Suspended);

        Assert.Equal(hasCondition, after is { Reason: Reasons.UserSuspended });
    }

    [Fact]
    public void Build_BackendDownAfterItWasReady_KeepsCredentialIssued()
    {
        Condition[] after = Build(Build([], InSync, null), InSync with { Secret = null, Slots = [] }, Down);

        Assert.Equal("True", StatusConditions.Find(after, ConditionTypes.CredentialIssued)!.Status);
        Assert.Equal((Reasons.BackendUnavailable, "no route"), (after[0].Reason, after[0].Message));
    }

    [Theory]
    [InlineData(nameof(BackendFailure.Unavailable), Reasons.BackendUnavailable)]
    [InlineData(nameof(BackendFailure.Unauthorized), Reasons.BackendUnauthorized)]
    [InlineData(nameof(BackendFailure.Rejected), Reasons.BackendRejected)]
    [InlineData(nameof(BackendFailure.NotAccepted), Reasons.VerificationFailed)]
    [InlineData(nameof(BackendFailure.Busy), Reasons.BackendUnavailable)]
    public void Build_EachFailure_HasItsReason(string failure, string reason) =>
        Assert.Equal(
            reason, Build([], InSync, new MailBackendException(Enum.Parse<BackendFailure>(failure), "x"))[0].Reason);

    [Fact]
    public void Build_RevocationFails_HintNamesTheObjectsUid() =>
        Assert.Contains($"{Annotations.AbandonRevocation}: uid-a", Build([], Deleted, Down)[0].Message);

    [Fact]
    public void Build_RevocationMailboxNotFound_SaysWhatToCheck()
    {
        Condition ready = Build(
            [], Deleted, new MailBackendException(BackendFailure.MailboxNotFound, "It has none."))[0];

        Assert.Equal(Reasons.RevocationBlocked, ready.Reason);
        Assert.Contains("a renamed one kept them", ready.Message);
        Assert.Contains($"{Annotations.AbandonRevocation}: uid-a", ready.Message);
        Assert.DoesNotContain("renamed", Build([], Deleted, Down)[0].Message);
    }

    private static Condition[] Build(
        IReadOnlyList<Condition> before,
        MailDeviceSnapshot device,
        MailBackendException? failure,
        DateTimeOffset? at = null,
        long generation = 4) =>
        MailDeviceConditions.Build(
            new MailDeviceStatus { Conditions = [.. before] }, device, MailDevicePlanner.Plan(device, Now).Verdict,
            failure, generation, at ?? Now);
}
