using MailOperator.Api;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>
/// A device whose reconciliation is on hold because it is paused, invalid or not granted. Expiry and overlap ends still
/// apply.
/// </summary>
public sealed class FrozenDeviceTests
{
    private static readonly ObsoleteSecret OwnSecret = new("grafana", "secret-uid");

    private static readonly Dictionary<string, MailDeviceSnapshot> OnHold = new()
    {
        ["paused"] = InSync with { IsPaused = true, Secret = null },
        ["refused"] = InSync with
        {
            Problem = new SpecProblem(Reasons.InvalidSpec, "bad"),
            Desired = null,
            Secret = null,
        },
        ["not granted"] = InSync with
        {
            Problem = new SpecProblem(Reasons.NotAllowed, "no grant"),
            Desired = null,
            Secret = null,
        },
    };

    public static TheoryData<string> Names => [.. OnHold.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Plan_OverlapOver_EndsOnlyThatPassword(string name)
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(
            Device(name, ("bbbbbb", Now), ("cccccc", Now.AddHours(3))) with { RotateToken = "two" }, Now);

        Change.RemoveSlots remove = Assert.IsType<Change.RemoveSlots>(Assert.Single(plan.Changes));
        Assert.Equal(["bbbbbb"], remove.Selectors.AsEnumerable());
        Assert.Equal(TimeSpan.FromHours(3), plan.RecheckAfter);
        Assert.True(plan.NeedsLiveSecret);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Plan_Expired_RemovesEverything(string name)
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(
            Device(name, ("bbbbbb", Now.AddHours(3))).EndingAt(Now), Now);

        Assert.Equal(
            ["aaaaaa", "bbbbbb"],
            Assert.IsType<Change.RemoveSlots>(plan.Changes[0]).Selectors.AsEnumerable());
        Assert.Equal(new Change.DeleteSecret(OwnSecret), plan.Changes[1]);
        Assert.Equal(Reasons.Expired, plan.Verdict.Reason);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Plan_NothingEnds_ChangesNothingAndRechecksAtTheExpiry(string name)
    {
        MailDevicePlan plan = MailDevicePlanner.Plan(Device(name).EndingAt(Now.AddDays(3)), Now);

        Assert.Empty(plan.Changes);
        Assert.Equal(TimeSpan.FromDays(3), plan.RecheckAfter);
        Assert.NotEqual(Reasons.Expired, plan.Verdict.Reason);
    }

    [Fact]
    public void Plan_OverlapOverAndSlotGone_ChangesNothing() =>
        Assert.Empty(MailDevicePlanner.Plan(Device("paused", ("gone00", Now.AddHours(-1))), Now).Changes);

    private static MailDeviceSnapshot Device(string name, params (string Id, DateTimeOffset At)[] retiring) =>
        OnHold[name] with
        {
            Secret = WithRetiring([.. retiring.Select(static one => new RetiringCredential(one.Id, one.At))]),
            IsSecretLive = true,
            Slots =
            [
                Slot("aaaaaa"),
                .. retiring.Where(static one => one.Id != "gone00").Select(static one => Slot(one.Id)),
            ],
        };
}
