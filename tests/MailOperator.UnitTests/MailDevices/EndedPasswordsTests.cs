using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Status;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>When a login tries an ended password, and what the condition reports.</summary>
public sealed class EndedPasswordsTests
{
    private static readonly LoginCheck Check = new()
    {
        Endpoint = new ClientEndpoint(MailProtocol.IMAP, "imap.example.com", 993, ConnectionSecurity.TLS),
        Username = "alerts@example.com",
        PropagationDelay = TimeSpan.FromSeconds(2),
        Reported = LoginOutcome.Accepted,
        AnswerIsFor = "aaaaaa",
    };

    private static readonly SealedPassword Old = new("bbbbbb", Now.AddMinutes(-1), "00");

    private static MailDeviceSnapshot WithOld => With(Old);

    [Fact]
    public void Plan_EndedAndSlotRemoved_IsTried() =>
        Assert.Equal(Old, Assert.IsType<Change.TryEnded>(Assert.Single(Plan(WithOld).Changes)).Ended);

    [Fact]
    public void Plan_SlotNotRemovedYet_Waits()
    {
        // Mutant: try it while its slot exists. It still works then, so the alarm would be false.
        var retiring = new RetiringCredential("bbbbbb", Now.AddHours(1));
        MailDeviceSnapshot promised = With(Old with { EndsAt = retiring.At }, retiring) with
        {
            Slots = [Slot("aaaaaa"), Slot("bbbbbb")],
        };
        MailDeviceSnapshot refused = WithOld with
        {
            EndedSlots = [Slot("bbbbbb") with { End = new SlotEnd(Now, EndsSessions: true) }],
            PropagationDelay = TimeSpan.FromSeconds(2),
        };

        Assert.Empty(Plan(promised).Changes);
        Assert.DoesNotContain(Plan(refused).Changes, static change => change is Change.TryEnded);
    }

    [Fact]
    public void Plan_NotYetPropagated_IsTriedAfterTheDelay()
    {
        MailDeviceSnapshot device = With(Old with { EndsAt = Now.AddSeconds(-1) });

        MailDevicePlan early = Plan(device);

        Assert.Empty(early.Changes);
        Assert.Equal(TimeSpan.FromSeconds(6), early.RecheckAfter);
        Assert.Single(MailDevicePlanner.Plan(device, Now.AddSeconds(6)).Changes);
    }

    [Fact]
    public void Plan_SlotRemovedLate_CountsFromItsRemoval()
    {
        // Mutant: count from the planned end. After an outage the server would seem to go on accepting ended passwords.
        MailDeviceSnapshot late = With(Old, new RetiringCredential("bbbbbb", Old.EndsAt)) with
        {
            Slots = [Slot("aaaaaa"), Slot("bbbbbb")],
        };

        MailDevicePlan plan = Plan(late);

        Assert.Equal(
            [typeof(Change.RemoveSlots), typeof(Change.RepairSecret)],
            plan.Changes.Select(static change => change.GetType()));
        Assert.Equal(Now, Assert.Single(((Change.RepairSecret)plan.Changes[1]).Secret.Credential.ToBeRefused).EndsAt);
    }

    [Fact]
    public void Plan_VerificationTurnedOff_KeepsNoPassword()
    {
        MailDevicePlan plan = Plan(WithOld with { LoginCheck = null });

        Assert.Empty(Assert.IsType<Change.RepairSecret>(Assert.Single(plan.Changes)).Secret.Credential.ToBeRefused);
    }

    [Fact]
    public void Plan_RefusalIsNoEvidence_KeepsItAndWaits() =>
        Assert.Empty(
            Plan(WithOld with { LoginCheck = Check with { Endpoint = null, Obstacle = "it is suspended" } }).Changes);

    [Fact]
    public void AfterIssue_Passwords_EndWithTheirCredentialAndTheOldestAreDropped()
    {
        ImmutableArray<RetiringCredential> retiring = [new("bbbbbb", Now), new("cccccc", Now.AddHours(2))];
        SealedPassword dropped = Old with { Selector = "dddddd", EndsAt = Now.AddHours(9) };

        ImmutableArray<SealedPassword> kept = EndedPasswords.AfterIssue(
            [Old, Old with { Selector = "cccccc" }, dropped], retiring, Now);

        Assert.Equal(
            [("cccccc", Now.AddHours(2)), ("bbbbbb", Now), ("dddddd", Now)],
            kept.Select(static one => (one.Selector, one.EndsAt)));
        Assert.Equal([Old], EndedPasswords.AfterIssue([Old], [], Now).AsEnumerable()); // mutant: it ends again now
        Assert.Equal(
            RetiringCredential.Max, EndedPasswords.AfterIssue(
                Enumerable.Range(0, 20).Select(number => Old with { Selector = $"s{number:D5}" }), [], Now).Length);
    }

    /// <summary>
    /// The mutants: the moment of an end, of a try or of the latest removal counts as the time before.
    /// </summary>
    [Fact]
    public void Times_AtTheirMoment_HaveCome()
    {
        SealedPassword now = Old with { EndsAt = Now };
        SealedPassword due = Old with { EndsAt = Now.AddSeconds(-7) };
        SealedPassword latest = Old with { EndsAt = Now.AddSeconds(-5) };
        MailDeviceSnapshot ending = With(latest) with { EndingNow = ["bbbbbb"] };

        Assert.Single(EndedPasswords.Of(With(now), (SecretState.Owned)With(now).Secret!, Now));
        Assert.Empty(EndedPasswords.NextTries(With(due), (SecretState.Owned)With(due).Secret!, Now));
        Assert.Equal(ending.Secret, EndedPasswords.Update(ending, (SecretState.Owned)ending.Secret!, Now));
    }

    [Theory]
    [InlineData(nameof(LoginOutcome.Refused), "True", Reasons.LoginRefused)]
    [InlineData(nameof(LoginOutcome.Accepted), "False", Reasons.VerificationFailed)]
    [InlineData(nameof(LoginOutcome.Unclear), "Unknown", Reasons.MailServerUnreachable)]
    public void Condition_Tried_ReportsTheAnswerUntilTheNext(string outcome, string status, string reason)
    {
        var answer = new LoginAnswer(Enum.Parse<LoginOutcome>(outcome), "IMAP said so");

        RevocationReport report = Report(WithOld with { EndedLogin = new EndedLogin(Old, answer) })!;

        Condition said = report.Condition;
        Assert.Equal((status, reason), (said.Status, said.Reason));
        Assert.Contains("bbbbbb ended at 2026-11-24T11:59:00Z", said.Message);
        Assert.Contains("IMAP said so", said.Message);
        Assert.Equal(new RevocationCheck { Id = "bbbbbb", EndedAt = Old.EndsAt }, report.About);
        Assert.Equal(report, Report(status == "True" ? With() : WithOld, report));
    }

    [Fact]
    public void Condition_WordedByAnotherVersion_StaysUntilTheNextTry()
    {
        // Mutant: the message says which password it is about. A new wording would forget that one still works.
        RevocationReport report = Report(
            WithOld with { EndedLogin = new EndedLogin(Old, new LoginAnswer(LoginOutcome.Accepted, "yes")) })!;
        RevocationReport reworded = report with
        {
            Condition = report.Condition with { Message = "Worded in another way" },
        };

        Assert.Equal(reworded, Report(WithOld, reworded));
        Assert.Equal(
            Reasons.Pending, Report(With(Old with { EndsAt = Old.EndsAt.AddSeconds(1) }), reworded)!.Condition.Reason);
        Assert.Equal(Reasons.Pending, Report(With(Old with { Selector = "cccccc" }), reworded)!.Condition.Reason);
    }

    [Fact]
    public void Condition_StatusNamesNoPassword_IsJudgedAgain()
    {
        // An older version wrote no status.revocationCheck, so its condition may be about another password.
        RevocationReport accepted = Report(
            WithOld with { EndedLogin = new EndedLogin(Old, new LoginAnswer(LoginOutcome.Accepted, "yes")) })!;
        RevocationReport refused = Report(
            WithOld with { EndedLogin = new EndedLogin(Old, new LoginAnswer(LoginOutcome.Refused, "no")) })!;

        RevocationReport waits = Report(WithOld, accepted with { About = null })!;

        Assert.Equal((Reasons.Pending, "bbbbbb"), (waits.Condition.Reason, waits.About!.Id));
        // Nothing more to try.
        Assert.Equal(refused with { About = null }, Report(With(), refused with { About = null }));
        Assert.Single(Plan(WithOld).Changes.OfType<Change.TryEnded>());
    }

    [Fact]
    public void Status_Condition_IsThereWhileItsPasswordIsKept()
    {
        MailDeviceStatus with = StatusOf(WithOld, new MailDeviceStatus());
        MailDeviceStatus unknown = StatusOf(WithOld with { Desired = null, Secret = null, IsPaused = true }, with);
        MailDeviceStatus without = StatusOf(WithOld with { LoginCheck = null }, with);

        Assert.Equal(("bbbbbb", Old.EndsAt), (with.RevocationCheck!.Id, with.RevocationCheck.EndedAt));
        Assert.NotNull(StatusConditions.Find(with.Conditions!, ConditionTypes.RevocationVerified));
        Assert.Equal(with.RevocationCheck, unknown.RevocationCheck);
        Assert.NotNull(StatusConditions.Find(unknown.Conditions!, ConditionTypes.RevocationVerified));
        Assert.Null(without.RevocationCheck);
        Assert.Null(StatusConditions.Find(without.Conditions!, ConditionTypes.RevocationVerified));
    }

    [Fact]
    public void Condition_CacheIsBehind_StillReportsTheLogin()
    {
        // Mutant: read the cache alone. Our Secret write requeues the device before the informer shows the status that
        // recorded this login.
        RevocationReport waited = Report(WithOld)!;
        var refused = new EndedLogin(Old, new LoginAnswer(LoginOutcome.Refused, "no"));

        Assert.Equal(Reasons.LoginRefused, Condition(With() with { EndedLogin = refused }, waited)!.Reason);
        Assert.Equal(
            Reasons.Pending,
            Condition(With(Old with { Selector = "cccccc" }) with { EndedLogin = refused }, waited)!.Reason);
        Assert.Null(Condition(With(), waited)); // after a restart nothing remembers it
    }

    [Fact]
    public void Condition_NothingTriedYet_SaysWhenAndWhyNot()
    {
        RevocationReport report = Report(WithOld)!;
        Condition waits = report.Condition, blocked = Condition(
            WithOld with { LoginCheck = Check with { Endpoint = null, Obstacle = "it is suspended" } })!;

        Assert.Equal(("Unknown", Reasons.Pending), (waits.Status, waits.Reason));
        Assert.Contains("2026-11-24T11:59:07Z", waits.Message);
        Assert.Equal(("Unknown", Reasons.VerificationSkipped), (blocked.Status, blocked.Reason));
        Assert.Null(Condition(With()));
        Assert.Null(Condition(WithOld with { LoginCheck = null }, report));
    }

    [Fact]
    public void Condition_AnotherPasswordEnds_WaitsAgain()
    {
        // Mutant: the answer for an earlier password counts for the one that has ended now.
        RevocationReport seen = Report(With(Old with { Selector = "cccccc" }) with
        {
            EndedLogin = new EndedLogin(Old with { Selector = "cccccc" }, new LoginAnswer(LoginOutcome.Refused, "no")),
        })!;

        Assert.Equal(Reasons.Pending, Condition(WithOld, seen)!.Reason);
    }

    [Fact]
    public void Plan_Expired_ExpectsARefusalBetweenSlotsAndSecret()
    {
        MailDeviceSnapshot expired = InSync.EndingAt(Now.AddHours(-1)) with { LoginCheck = Check };

        MailDevicePlan ends = Plan(expired), ended = Plan(expired with { Slots = [] });

        Assert.Equal(
            [typeof(Change.RemoveSlots), typeof(Change.ExpectRefusal), typeof(Change.DeleteSecret)],
            ends.Changes.Select(static change => change.GetType()));
        Assert.Equal(TimeSpan.FromSeconds(3), Assert.Single(ends.Changes.OfType<Change.ExpectRefusal>()).Left);
        Assert.True(Assert.Single(ended.Changes.OfType<Change.ExpectRefusal>()).Left <= TimeSpan.Zero);
    }

    private static MailDevicePlan Plan(MailDeviceSnapshot device) => MailDevicePlanner.Plan(device, Now);

    private static Condition? Condition(MailDeviceSnapshot device, RevocationReport? before = null) =>
        Report(device, before)?.Condition;

    private static RevocationReport? Report(MailDeviceSnapshot device, RevocationReport? before = null) =>
        RevocationVerifiedCondition.Of(
            new MailDeviceStatus
            {
                Conditions = before is null ? [] : [before.Condition],
                RevocationCheck = before?.About,
            }, device, Now);

    private static MailDeviceStatus StatusOf(MailDeviceSnapshot device, MailDeviceStatus before) =>
        MailDeviceStatusWriter.StatusOf(new MailDevice(), before, device, Plan(device), failure: null, Now);

    private static MailDeviceSnapshot With(params SealedPassword[] kept) => InSync with
    {
        LoginCheck = Check,
        Secret = Secret with { Credential = Snapshots.Record with { ToBeRefused = [.. kept] } },
    };

    private static MailDeviceSnapshot With(SealedPassword kept, RetiringCredential retiring) => With(kept) with
    {
        Secret = Secret with { Credential = Snapshots.Record with { ToBeRefused = [kept], Retiring = [retiring] } },
    };
}
