using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Credentials;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using static MailOperator.UnitTests.MailDevices.Plans;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>When a password is replaced, and how long earlier ones keep working.</summary>
public sealed class MailDevicePlannerRotationTests
{
    private static readonly DateTimeOffset OverlapEnd = Now.AddHours(24);

    [Fact]
    public void Plan_SecretDeleted_IssuesAndKeepsTheOldPasswordForTheOverlap()
    {
        Change.IssueCredential issue = Issue(InSync with { Secret = new SecretState.Absent() });

        Assert.Equal(Reasons.SecretDeleted, issue.Reason);
        Assert.Equal([new RetiringCredential("aaaaaa", OverlapEnd)], issue.Retiring.AsEnumerable());
        Assert.Equal(
            "The password is being issued",
            MailDevicePlanner.Plan(InSync with { Secret = new SecretState.Absent() }, Now).Verdict.Message);
    }

    [Fact]
    public void Plan_SecretDeletedAndLeakReported_EndsTheOldPasswordNow()
    {
        // Mutant: the overlap that follows a lost Secret. The token would count as handled, but the leaked password
        // would keep working.
        MailDeviceSnapshot device = InSync with { Secret = new SecretState.Absent(), RotateAndRevokeToken = "leak" };
        Change.IssueCredential issue = Issue(device);

        Assert.Equal(Reasons.Revoked, issue.Reason);
        Assert.Empty(issue.Retiring);
        Assert.Equal(["aaaaaa"], Ended(device).AsEnumerable());
        Assert.False(issue.IsUnasked);
    }

    [Fact]
    public void Plan_SecretDeletedAfterALeakWasHandled_KeepsTheOverlap() => Assert.Equal(
        [new RetiringCredential("aaaaaa", OverlapEnd)],
        Issue(InSync with
        {
            Secret = new SecretState.Absent(),
            RotateAndRevokeToken = "leak",
            ReportedRotateAndRevoke = "leak",
        }).Retiring.AsEnumerable());

    [Theory]
    [InlineData(60, false, Reasons.Issued)] // left by an interrupted issue: nobody has read its password
    [InlineData(60, true, Reasons.SecretDeleted)] // it was handed out a minute ago
    [InlineData(121, false, Reasons.SecretDeleted)] // the status may have been lost
    public void Plan_NoSecretAndAYoungSlot_RetiresItOnlyIfItWasHandedOut(
        int ageInSeconds, bool isReported, string reason)
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
    public void Plan_RotateToken_RotatesOnlyForANewValue(string token, bool rotates) =>
        Assert.Equal(rotates, MailDevicePlanner.Plan(InSync with { RotateToken = token }, Now).Changes.Any());

    [Theory]
    [InlineData("one", "", "", false)]
    [InlineData("none", "", "", true)] // the status is older than the Secret, and its tokens may be too
    [InlineData("one", "leak", "", true)]
    [InlineData("one", "", "leak", true)] // it ends passwords
    public void Plan_RotateToken_IsReadAgainUnlessTheStatusNamesTheLastHandledOnes(
        string rotation, string revocation, string revokeToken, bool isReadAgain)
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(
            InSync with
            {
                RotateToken = "two",
                RotateAndRevokeToken = revokeToken,
                ReportedRotation = rotation,
                ReportedRotateAndRevoke = revocation,
            },
            Now);

        Assert.Equal(isReadAgain, plan.Changes.Any(static change => change is Change.ConfirmTokens));
        Assert.Equal(revokeToken.Length > 0, plan.NeedsLiveSecret); // a rotation's write fails over another version
    }

    [Fact]
    public void Plan_Rotation_KeepsTheOldPasswordForTheOverlapAndEarlierOnesUntilTheirEnds()
    {
        SecretState.Owned secret = WithRetiring(
            new RetiringCredential("bbbbbb", Now.AddHours(3)), new RetiringCredential("cccccc", Now));

        Change.IssueCredential issue = Issue(InSync with { Secret = secret, RotateToken = "two" });

        Assert.Equal(
            [new RetiringCredential("aaaaaa", OverlapEnd), new RetiringCredential("bbbbbb", Now.AddHours(3))],
            issue.Retiring.AsEnumerable());
        Assert.Equal(secret, issue.Overwrites);
    }

    [Fact]
    public void Plan_RotateAndRevoke_EndsEveryEarlierPasswordNow()
    {
        SecretState.Owned secret = WithRetiring(new RetiringCredential("bbbbbb", Now.AddHours(3)));

        Change.IssueCredential issue = Issue(
            InSync with { Secret = secret, RotateAndRevokeToken = "leak", RotateToken = "two" });

        Assert.Equal(Reasons.Revoked, issue.Reason);
        Assert.Equal(
            [new RetiringCredential("aaaaaa", Now), new RetiringCredential("bbbbbb", Now)],
            issue.Retiring.AsEnumerable());
    }

    private static ImmutableArray<string> Ended(MailDeviceSnapshot device) =>
        Assert.Single(MailDevicePlanner.Plan(device, Now).Changes.OfType<Change.RemoveSlots>()).Selectors;

    [Fact]
    public void Plan_RotateAndRevoke_RemovesTheLeakedSlotsBeforeItIssues()
    {
        // Mutants: remove the slots after the commit, which waits for a hash, the mail server and the API server; let a
        // superseded token end the password in the Secret; remove another operator's uncommitted slot too.
        SecretState.Owned secret = WithRetiring(new RetiringCredential("bbbbbb", Now.AddHours(3)));
        MailDeviceSnapshot device = InSync with
        {
            Secret = secret,
            RotateAndRevokeToken = "leak",
            Slots = [Slot("aaaaaa"), Slot("bbbbbb"), Slot("cccccc", TimeSpan.FromSeconds(3))],
        };

        MailDevicePlan plan = MailDevicePlanner.Plan(device, Now);

        Assert.Equal(
            [typeof(Change.ConfirmTokens), typeof(Change.RemoveSlots), typeof(Change.IssueCredential)],
            plan.Changes.Select(static change => change.GetType()));
        Assert.Equal(
            ["aaaaaa", "bbbbbb"], Assert.Single(plan.Changes.OfType<Change.RemoveSlots>()).Selectors.AsEnumerable());
        Assert.True(Assert.Single(plan.Changes.OfType<Change.RemoveSlots>()).EndsSessions);
        Assert.Equal(
            typeof(Change.RefuseSlots),
            MailDevicePlanner.Plan(device with { PropagationDelay = TimeSpan.Zero }, Now).Changes[1].GetType());
    }

    [Fact]
    public void Plan_TamperedSecret_RotatesAndTrustsOnlyTheBackend()
    {
        // The forged annotation names a slot that never existed, with an end far in the future.
        SecretState.Owned forged = WithRetiring(new RetiringCredential("zzzzzz", Now.AddYears(9))) with
        {
            IsGenuine = false,
        };

        Change.IssueCredential issue = Issue(InSync with { Secret = forged });

        Assert.Equal(Reasons.SecretTampered, issue.Reason);
        Assert.Equal([new RetiringCredential("aaaaaa", OverlapEnd)], issue.Retiring.AsEnumerable());
    }

    [Fact]
    public void Plan_IntervalOver_RotatesUnaskedWithTheOverlap()
    {
        MailDeviceSnapshot device = InSync with
        {
            Desired = Desired with { Lifetime = Desired.Lifetime with { Interval = TimeSpan.FromDays(90) } },
        };
        DateTimeOffset due = RotationSchedule.Next(device.Uid, Snapshots.Record, TimeSpan.FromDays(90))!.Value;
        Assert.InRange(due, Snapshots.Record.IssuedAt.AddDays(81), Snapshots.Record.IssuedAt.AddDays(90));

        MailDevicePlan before = MailDevicePlanner.Plan(device, due.AddSeconds(-1));
        var issue = Assert.Single(MailDevicePlanner.Plan(device, due).Changes.OfType<Change.IssueCredential>());

        Assert.Empty(before.Changes);
        Assert.Equal(TimeSpan.FromSeconds(1), before.RecheckAfter);
        Assert.Equal([new RetiringCredential("aaaaaa", due.AddHours(24))], issue.Retiring.AsEnumerable());
        Assert.True(issue.IsUnasked);
        Assert.False(Issue(device with { RotateToken = "two" }).IsUnasked); // a requested rotation is not rate limited
    }

    [Fact]
    public void Schedule_ManyDevices_AreSpreadAndStable()
    {
        DateTimeOffset[] times = [.. Enumerable.Range(0, 1000)
            .Select(number => RotationSchedule.Next($"uid-{number}", Snapshots.Record, TimeSpan.FromDays(10))!.Value)];

        // Mutant: a new random offset on every call. The date would move at every restart.
        Assert.Equal(times[0], RotationSchedule.Next("uid-0", Snapshots.Record, TimeSpan.FromDays(10)));
        Assert.All(Enumerable.Range(0, 24), hour => Assert.InRange(
            times.Count(time => time >= Snapshots.Record.IssuedAt.AddDays(9).AddHours(hour)
                && time < Snapshots.Record.IssuedAt.AddDays(9).AddHours(hour + 1)), 15, 75));
    }

    [Fact]
    public void Plan_ManyEarlierPasswords_KeepsTheNewest()
    {
        ImmutableArray<Slot> slots =
            [.. Enumerable.Range(0, 30).Select(number => Slot($"s{number:D5}", TimeSpan.FromMinutes(number + 10)))];

        Change.IssueCredential issue = Issue(InSync with { Secret = new SecretState.Absent(), Slots = slots });

        Assert.Equal(
            slots.Take(RetiringCredential.Max).Select(slot => slot.Selector),
            issue.Retiring.Select(retiring => retiring.Selector));
    }

    [Fact]
    public void Plan_OverlapRunning_WaitsForItsEnd()
    {
        MailDeviceSnapshot device = InSync with
        {
            Secret = WithRetiring(new RetiringCredential("bbbbbb", Now.AddHours(3))),
            Slots = [Slot("aaaaaa"), Slot("bbbbbb")],
        };

        MailDevicePlan plan = MailDevicePlanner.Plan(device, Now);

        Assert.Empty(plan.Changes);
        Assert.Equal(Reasons.Retiring, plan.Verdict.Reason);
        Assert.Equal(TimeSpan.FromHours(3), plan.RecheckAfter);
    }

    [Fact]
    public void Plan_OverlapOver_RemovesTheOldSlotAfterALiveRead()
    {
        MailDeviceSnapshot device = InSync with
        {
            Secret = WithRetiring(new RetiringCredential("bbbbbb", Now)),
            Slots = [Slot("aaaaaa"), Slot("bbbbbb")],
        };

        MailDevicePlan plan = MailDevicePlanner.Plan(device, Now);

        Assert.Equal(
            ["bbbbbb"], Assert.IsType<Change.RemoveSlots>(Assert.Single(plan.Changes)).Selectors.AsEnumerable());
        Assert.True(plan.NeedsLiveSecret);
    }
}
