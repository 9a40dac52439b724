using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Status;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>What a person asked for and did not get, and what a new device still waits for.</summary>
public sealed class RequestConditionsTests
{
    private static readonly MailBackendException Down = new(BackendFailure.Unavailable, "no route");

    private static readonly MailDeviceSnapshot NoUser = InSync with
    {
        Desired = null,
        Secret = null,
        Slots = [],
        CreatedAt = Now,
        Problem = new SpecProblem(Reasons.UserNotFound, "no user"),
    };

    [Fact]
    public void RotationPending_AskedFor_NamesTheTokenAndWhatHoldsItBack()
    {
        // Mutant: only the reason. Nobody could tell which of two requests is meant.
        Condition pending = Find(InSync with { RotateToken = "two" }, ConditionTypes.RotationPending, Down)!;

        Assert.Equal(Reasons.BackendUnavailable, pending.Reason);
        Assert.Contains("mailoperator.io/rotate 'two'", pending.Message);
        Assert.Contains("no route", pending.Message);
    }

    [Fact]
    public void RotationPending_BothAskedFor_NamesTheRevocation() =>
        Assert.Contains(
            "mailoperator.io/rotate-and-revoke 'leak'",
            Find(
                InSync with { RotateToken = "two", RotateAndRevokeToken = "leak" }, ConditionTypes.RotationPending,
                Down)!.Message);

    [Fact]
    public void RotationPending_SecretNotRead_AsksTheStatus()
    {
        // Mutant: an unread Secret as one that handled nothing. Each outage would report rotations nobody asked for.
        MailDeviceSnapshot blind = InSync with { Secret = null };
        var handled = new MailDeviceStatus { IssuedAt = Now, LastHandledRotation = "one" };

        Assert.Null(Find(blind, ConditionTypes.RotationPending, Down, handled));
        Assert.NotNull(Find(blind with { RotateToken = "two" }, ConditionTypes.RotationPending, Down, handled));
    }

    [Fact]
    public void RotationPending_FirstPassword_IsNoRotation() =>
        // Mutant: no look at whether there is a password. A manifest with the annotation would begin with a warning.
        Assert.Null(Find(
            InSync with { Secret = new MailOperator.MailDevices.Secrets.SecretState.Absent(), RotateToken = "two" },
            ConditionTypes.RotationPending, Down));

    [Fact]
    public void Ignored_Interval_IsNoneOfIt() =>
        // Mutant: a window alone.
        Assert.Null(Find(
            InSync with
            {
                HasOwnWindow = true,
                Desired = Desired with { Lifetime = Desired.Lifetime with { Interval = TimeSpan.FromDays(9) } },
            },
            ConditionTypes.Ignored));

    [Fact]
    public void Ignored_LongValue_IsCut() =>
        Assert.InRange(
            Find(InSync with { UnknownPause = new string('y', 4096) }, ConditionTypes.Ignored)!.Message.Length, 60,
            260);

    [Fact]
    public void Newcomer_MissingUser_IsToldOfOnceItIsAProblem()
    {
        // Mutants: an event at once; none ever, because the message is the same later.
        Condition[] young = Build(NoUser, null, null, Now.AddSeconds(1));
        Condition[] old = Build(NoUser, null, null, Now.AddSeconds(30));

        Assert.True(Newcomer.IsWaiting(NoUser, young, Now.AddSeconds(1)));
        Assert.False(Newcomer.IsWaiting(NoUser, old, Now.AddSeconds(30)));
        Assert.Empty(DeviceEvents.Of([], young, isWaiting: true));
        Assert.NotNull(StatusConditions.Find(young, ConditionTypes.Reconciling));
        Assert.Null(StatusConditions.Find(young, ConditionTypes.Stalled));
        Assert.NotNull(StatusConditions.Find(old, ConditionTypes.Stalled));
        Assert.Equal(Reasons.UserNotFound, Assert.Single(DeviceEvents.Of(young, old)).Condition.Reason);
        Assert.Equal(
            TimeSpan.FromSeconds(29), MailDevicePlanner.Plan(NoUser, Now.AddSeconds(1)).RecheckAfter);
        Assert.Null(MailDevicePlanner.Plan(NoUser, Now.AddSeconds(30)).RecheckAfter);
    }

    [Fact]
    public void Newcomer_WithAPassword_IsToldOfAtOnce()
    {
        // Mutant: the age alone. Whoever removes a MailUser from a device that works must hear of it.
        MailDeviceSnapshot working = NoUser with { Slots = [Slot("aaaaaa")] };
        Condition[] conditions = Build(working, null, null, Now);

        Assert.False(Newcomer.IsWaiting(working, conditions, Now));
        Assert.NotEmpty(DeviceEvents.Of([], conditions, isWaiting: false));
    }

    private static Condition? Find(
        MailDeviceSnapshot device,
        string type,
        MailBackendException? failure = null,
        MailDeviceStatus? status = null) =>
        StatusConditions.Find(Build(device, failure, status, Now), type);

    private static Condition[] Build(
        MailDeviceSnapshot device, MailBackendException? failure, MailDeviceStatus? status, DateTimeOffset now) =>
        MailDeviceConditions.Build(
            status ?? new MailDeviceStatus(), device, MailDevicePlanner.Plan(device, now).Verdict, failure, 1, now);
}
