using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Plans;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

public sealed class ChosenPasswordPlannerTests
{
    private static readonly SpecProblem Missing = new(Reasons.PasswordSourceMissing, "There is no Secret 'mine'");
    private static readonly SourceState Changed = new(Problem: null, IsInSecret: false);

    [Fact]
    public void Plan_SourceUnchanged_ChangesNothingAndRechecksWithinAMinute()
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(Chosen, Now);

        Assert.Empty(plan.Changes);
        Assert.Equal((ReadyStatus.True, TimeSpan.FromMinutes(1)), (plan.Verdict.Ready, plan.RecheckAfter));
    }

    [Fact]
    public void Plan_SourceChanged_RotatesWithTheOverlap()
    {
        Change.IssueCredential issue = Issue(Chosen with { Source = Changed });

        Assert.Equal((Reasons.Rotating, false), (issue.Reason, issue.IsUnasked));
        Assert.Equal([new RetiringCredential("aaaaaa", Now.AddHours(24))], issue.Retiring.AsEnumerable());
        Assert.Equal(["aaaaaa"], issue.Reusable.AsEnumerable());
    }

    [Fact]
    public void Plan_BetweenChosenAndGenerated_RotatesEitherWay()
    {
        Change.IssueCredential chosen = Issue(
            Chosen with { Secret = Secret, Source = Changed, Slots = [Slot("aaaaaa")] });
        Change.IssueCredential generated = Issue(Chosen with { Desired = Desired, Source = null });

        Assert.Equal((Reasons.Rotating, Reasons.Rotating), (chosen.Reason, generated.Reason));
        // The first characters of a generated password name its slot, those of a chosen one do not.
        Assert.Empty(chosen.Reusable);
    }

    [Fact]
    public void Plan_RotateTokenAndSourceUnchanged_IsHandledOnceWithoutAPassword()
    {
        MailDeviceSnapshot asked = Chosen with { RotateToken = "two" };
        var world = new PlannedWorld(asked, Now);

        Assert.IsType<Change.MarkRotationHandled>(Assert.Single(MailDevicePlanner.Plan(asked, Now).Changes));
        Assert.Equal(1, world.Settle(3));
        var secret = (SecretState.Owned)world.Device.Secret!;
        Assert.Equal((1, "two"), (secret.Credential.Epoch, secret.Credential.HandledRotation));
    }

    [Fact]
    public void Plan_RotateTokenAndImmutableSecret_ReplacesTheSecretFirst()
    {
        MailDeviceSnapshot immutable = Chosen with
        {
            RotateToken = "two",
            Secret = (SecretState.Owned)Chosen.Secret! with { MustBeReplaced = true },
        };

        Assert.IsType<Change.ReplaceSecret>(Assert.Single(MailDevicePlanner.Plan(immutable, Now).Changes));
        Assert.Equal(2, new PlannedWorld(immutable, Now).Settle(3));
    }

    [Fact]
    public void Plan_RotateAndRevokeAndSourceUnchanged_IsStalledUntilTheSourceChanges()
    {
        // Mutant: the token counts as handled. The leaked password would get an overlap once the source changes.
        MailDevicePlan refused = MailDevicePlanner.Plan(Chosen with { RotateAndRevokeToken = "leak" }, Now);
        Change.IssueCredential revoking = Issue(Chosen with { RotateAndRevokeToken = "leak", Source = Changed });

        Assert.Empty(refused.Changes);
        Assert.Equal(
            (ReadyStatus.False, Reasons.PasswordUnchanged, true),
            (refused.Verdict.Ready, refused.Verdict.Reason, refused.Verdict.IsStalled));
        Assert.Contains("key 'mail' of Secret 'mine' still contains it", refused.Verdict.Message);
        Assert.Equal([new RetiringCredential("aaaaaa", Now)], revoking.Retiring.AsEnumerable());
    }

    [Fact]
    public void Plan_SourceMissing_KeepsAndRepairsTheIssuedPassword()
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(
            Chosen with
            {
                Source = new SourceState(Missing, false),
                RotateToken = "two",
                Slots = [Slot("aaaaaa") with { IsChosen = true, IsIntact = false }],
            }, Now);

        Assert.IsType<Change.PutSlots>(Assert.Single(plan.Changes));
        Assert.Equal(
            (ReadyStatus.False, Reasons.PasswordSourceMissing, false),
            (plan.Verdict.Ready, plan.Verdict.Reason, plan.Verdict.IsStalled));
        Assert.EndsWith("The password that was issued before still works", plan.Verdict.Message);
        Assert.Equal(TimeSpan.FromMinutes(1), plan.RecheckAfter);
    }

    [Fact]
    public void Plan_SourceMissingBeforeTheFirstIssue_WaitsForIt()
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(
            Chosen with { Secret = new SecretState.Absent(), Slots = [], Source = new SourceState(Missing, false) },
            Now);

        Assert.Empty(plan.Changes);
        Assert.Equal((Missing.Message, TimeSpan.FromMinutes(1)), (plan.Verdict.Message, plan.RecheckAfter));
    }

    [Fact]
    public void Plan_SourceMissingAndSecretEdited_StillSuspends()
    {
        // Mutant: no change until the source is back. People suspend a device in an emergency.
        MailDeviceSnapshot device = Chosen with
        {
            Secret = (SecretState.Owned)Chosen.Secret! with { IsGenuine = false },
            Source = new SourceState(Missing, false),
            Desired = Chosen.Desired! with
            {
                Access = Chosen.Desired!.Access with { Restrictions = Restrictions with { IsSuspended = true } },
            },
        };

        var put = Assert.IsType<Change.PutSlots>(Assert.Single(MailDevicePlanner.Plan(device, Now).Changes));
        Assert.True(Assert.Single(put.Slots).Restrictions.IsSuspended);
    }

    [Fact]
    public void Plan_InvalidValue_IsStalled() =>
        Assert.True(MailDevicePlanner.Plan(
            Chosen with { Source = new SourceState(new SpecProblem(Reasons.InvalidSpec, "too short"), false) },
            Now).Verdict.IsStalled);

    [Fact]
    public void Plan_SuspendedAndSourceMissing_ReportsTheSuspension() =>
        Assert.Equal(Reasons.Suspended, MailDevicePlanner.Plan(
            Chosen with
            {
                Source = new SourceState(Missing, false),
                Desired = Chosen.Desired! with
                {
                    Access = Chosen.Desired!.Access with { Restrictions = Restrictions with { IsSuspended = true } },
                },
            },
            Now).Verdict.Reason);

    [Fact]
    public void Plan_SecretEdited_MayKeepAnySlotThatHoldsTheChosenPassword()
    {
        Change.IssueCredential issue = Issue(
            Chosen with { Secret = (SecretState.Owned)Chosen.Secret! with { IsGenuine = false }, Source = Changed });

        Assert.Equal((Reasons.SecretTampered, true), (issue.Reason, issue.IsUnasked));
        Assert.Equal(["aaaaaa"], issue.Reusable.AsEnumerable());
        // Mutant: an edited Secret says which slots are over.
        Assert.Equal(["aaaaaa", "bbbbbb"], Issue(Chosen with
        {
            Secret = (SecretState.Owned)Chosen.Secret! with { IsGenuine = false },
            Source = Changed,
            Slots = [.. Slots("aaaaaa", "bbbbbb")],
        }).Reusable.AsEnumerable());
    }

    [Fact]
    public void Plan_SourceChanged_KeepsNoEndedSlot()
    {
        // Another operator may be about to remove it.
        SecretState.Owned secret = (SecretState.Owned)Chosen.Secret! with
        {
            Credential = ((SecretState.Owned)Chosen.Secret!).Credential with
            {
                Retiring = [new("bbbbbb", Now), new("cccccc", Now.AddHours(1))],
            },
        };
        ImmutableArray<Slot> slots = [.. Chosen.Slots, .. Slots("bbbbbb", "cccccc", "dddddd")];

        Assert.Equal(
            ["aaaaaa", "cccccc"],
            Issue(Chosen with { Secret = secret, Source = Changed, Slots = slots }).Reusable.AsEnumerable());
    }

    [Fact]
    public void Plan_UncommittedSlot_WasNotHandedOut()
    {
        // Mutant: every slot counts as handed out. An interrupted issue could never answer a reported leak.
        MailDeviceSnapshot interrupted = Chosen with
        {
            Source = Changed,
            Slots = [.. Chosen.Slots, Slot("bbbbbb", TimeSpan.FromSeconds(5)) with { IsChosen = true }],
        };
        MailDeviceSnapshot edited = interrupted with
        {
            Secret = (SecretState.Owned)Chosen.Secret! with { IsGenuine = false },
            ReportedCredentials = ["aaaaaa"],
        };

        Assert.Equal(["aaaaaa"], Issue(interrupted).HandedOut.AsEnumerable());
        Assert.Equal(["aaaaaa", "bbbbbb"], Issue(interrupted).Reusable.AsEnumerable());
        Assert.Equal(["aaaaaa"], Issue(edited).HandedOut.AsEnumerable());
        Assert.Equal(["aaaaaa"], Issue(edited with { Secret = new SecretState.Absent() }).HandedOut.AsEnumerable());
    }

    [Fact]
    public void Plan_SourceChangedOften_LeavesRoomForTheNext()
    {
        // Mutant: the maximum for generated ones. The backend would refuse the fifth until an overlap ends.
        SecretState.Owned secret = (SecretState.Owned)Chosen.Secret! with
        {
            Credential = ((SecretState.Owned)Chosen.Secret!).Credential with
            {
                Retiring =
                    [new("gggggg", Now.AddHours(9)), new("bbbbbb", Now.AddHours(5)), new("cccccc", Now.AddHours(3))],
            },
        };
        ImmutableArray<Slot> slots = [.. Chosen.Slots, .. Slots("bbbbbb", "cccccc"), Slot("gggggg")];

        Change.IssueCredential issue = Issue(Chosen with { Secret = secret, Source = Changed, Slots = slots });

        // There may be more generated ones.
        Assert.Equal(["aaaaaa", "gggggg", "bbbbbb"], issue.Retiring.Select(one => one.Selector));
    }

    private static IEnumerable<Slot> Slots(params string[] selectors) =>
        selectors.Select(selector => Slot(selector) with { IsChosen = true });
}
