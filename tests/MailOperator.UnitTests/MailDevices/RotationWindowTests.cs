using System.Globalization;
using MailOperator.Api;
using MailOperator.MailBackends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Credentials;
using MailOperator.MailDevices.Planning;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>When a rotation by interval takes place, given its window.</summary>
public sealed class RotationWindowTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromDays(10);
    private static readonly RotationWindowSpec Sundays =
        new() { Cron = "0 2 * * SUN", Duration = "4h", TimeZone = "Europe/Berlin" };

    [Fact]
    public void Next_DueOutsideTheWindow_IsWithinTheNextOne()
    {
        DateTimeOffset next = Next("uid-a", Sundays, Now)!.Value;

        // Due between 3 and 4 December 2026; the Sunday after it is the 6th, and Berlin is an hour ahead of UTC.
        Assert.InRange(next, At("2026-12-06T01:00:00Z"), At("2026-12-06T04:00:00Z"));
    }

    [Fact]
    public void Next_DueWhileTheWindowIsOpen_IsNotBeforeItIsDue()
    {
        // Mutant: the device's time in the window alone. The password would be replaced before its interval is over.
        var always = new RotationWindowSpec { Cron = "0 0 * * *", Duration = "1d" };
        DateTimeOffset due = RotationSchedule.Next("uid-a", Snapshots.Record, Interval)!.Value;

        Assert.InRange(Next("uid-a", always, Now)!.Value, due, due.AddHours(18));
    }

    [Fact]
    public void Next_WholeLifeOfAPassword_IsStableUntilItIsMissed()
    {
        // Mutant: count from now. Each pass would put the rotation off, so it would never come.
        DateTimeOffset next = Next("uid-a", Sundays, Now)!.Value;
        DateTimeOffset closes = At("2026-12-06T05:00:00Z");

        Assert.All(
            Enumerable.Range(0, 24 * 11).Select(hour => Now.AddHours(hour)).Append(next).Append(closes.AddSeconds(-1)),
            now => Assert.Equal(next, Next("uid-a", Sundays, now)));
        Assert.Equal(next.AddDays(7), Next("uid-a", Sundays, closes));
        Assert.Equal(next.AddDays(14), Next("uid-a", Sundays, closes.AddDays(8)));
    }

    [Fact]
    public void Next_ManyDevices_AreSpreadOverTheWindowAndLeaveItsEndFree()
    {
        DateTimeOffset opens = At("2026-12-06T01:00:00Z");
        DateTimeOffset[] times =
            [.. Enumerable.Range(0, 1000).Select(number => Next($"uid-{number}", Sundays, Now)!.Value)];

        Assert.All(times, time => Assert.InRange(time, opens, opens.AddHours(3)));
        Assert.All(Enumerable.Range(0, 3), hour => Assert.InRange(
            times.Count(time => time >= opens.AddHours(hour) && time < opens.AddHours(hour + 1)), 270, 400));
    }

    [Theory]
    // Skipped when the clocks go forward: at the change.
    [InlineData("30 2 * * *", "2027-03-27T12:00:00Z", "2027-03-28T01:00:00Z")]
    [InlineData("30 2 * * *", "2027-03-28T12:00:00Z", "2027-03-29T00:30:00Z")] // summer time from here on
    // Comes twice when they go back: the first one.
    [InlineData("30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z")]
    [InlineData("30 2 * * *", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z")] // and not the second
    [InlineData("0 2 * * 7", "2026-11-24T12:00:00Z", "2026-11-29T01:00:00Z")]
    [InlineData("0 2 L * *", "2026-11-24T12:00:00Z", "2026-11-30T01:00:00Z")]
    public void Opening_ClockChange_FollowsTheTimeZone(string cron, string after, string expected) =>
        Assert.Equal(At(expected), Parse(
            new RotationWindowSpec { Cron = cron, Duration = "10m", TimeZone = "Europe/Berlin" }).OpeningAt(At(after)));

    [Fact]
    public void Opening_NoTimeZone_IsUtc() =>
        Assert.Equal(
            At("2026-11-25T02:00:00Z"),
            Parse(new RotationWindowSpec { Cron = "0 2 * * *", Duration = "1h" }).OpeningAt(Now));

    [Theory]
    [InlineData("0 2 * * SUN", "4h", "Europe/Atlantis", ".timeZone 'Europe/Atlantis'")]
    [InlineData("0 2 * * SUN", "4h", "../../etc/passwd", ".timeZone '../../etc/passwd'")]
    [InlineData("0 2 * * SUN", "4h", "", ".timeZone ''")]
    [InlineData("0 2 * * SUN", "often", "UTC", ".duration 'often'")]
    [InlineData("0 2 * * SUN", "59s", "UTC", ".duration '59s' must be 1m to 7d")]
    [InlineData("0 2 * * SUN", "7d1s", "UTC", ".duration '7d1s' must be 1m to 7d")]
    [InlineData("0 2 30 2 *", "4h", "UTC", "names a time that never comes")]
    [InlineData("0 25 * * *", "4h", "UTC", ".cron '0 25 * * *' is not a cron expression")]
    [InlineData("H 2 * * *", "4h", "UTC", "stands for no time")] // as in Jenkins: the library wants a seed for it
    [InlineData("@daily", "4h", "UTC", "five fields")]
    [InlineData("0 0 2 * * SUN", "4h", "UTC", "five fields")]
    [InlineData("", "4h", "UTC", ".cron ''")]
    public void Parse_OneProblem_NamesIt(string cron, string duration, string zone, string words)
    {
        Assert.False(RotationWindow.TryParse(
            new RotationWindowSpec { Cron = cron, Duration = duration, TimeZone = zone }, out RotationWindow? window,
            out string? problem));

        Assert.Null(window);
        Assert.Contains(words, problem);
    }

    [Fact]
    public void Plan_DueAndWindowClosed_WaitsUnlessRequested()
    {
        MailDeviceSnapshot device = InSync with
        {
            Desired = Desired with
            {
                Lifetime = Desired.Lifetime with { Interval = Interval, Window = Parse(Sundays) },
            },
        };
        DateTimeOffset due = RotationSchedule.Next(device.Uid, Snapshots.Record, Interval)!.Value;
        DateTimeOffset next = Next(device.Uid, Sundays, Now)!.Value;

        Assert.Empty(MailDevicePlanner.Plan(device, due).Changes);
        Assert.Equal(next - due, MailDevicePlanner.Plan(device, due).RecheckAfter);
        Assert.True(
            Assert.Single(MailDevicePlanner.Plan(device, next).Changes.OfType<Change.IssueCredential>()).IsUnasked);
        // Missed: it waits for the next window.
        Assert.Empty(MailDevicePlanner.Plan(device, At("2026-12-06T05:00:00Z")).Changes);
        Assert.Single(
            MailDevicePlanner.Plan(device with { RotateToken = "two" }, due).Changes.OfType<Change.IssueCredential>());
    }

    [Fact]
    public void Next_NoInterval_IsNever() =>
        Assert.Null(RotationSchedule.Next("uid-a", Snapshots.Record, interval: null, Parse(Sundays), Now));

    private static DateTimeOffset? Next(string uid, RotationWindowSpec window, DateTimeOffset now) =>
        RotationSchedule.Next(uid, Snapshots.Record, Interval, Parse(window), now);

    private static RotationWindow Parse(RotationWindowSpec spec)
    {
        Assert.True(RotationWindow.TryParse(spec, out RotationWindow? window, out string? problem), problem);
        return window;
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
