using System.Text;
using CsCheck;
using MailOperator.Api;
using MailOperator.MailBackends;

namespace MailOperator.UnitTests.Fuzzing;

/// <summary>Windows of rotation as tenants write them: one that opens, or a problem in words.</summary>
[Trait(Fuzz.Trait, Fuzz.Kind)]
public sealed class WindowFuzzTests
{
    private const string Target = "windows";

    private static readonly DateTimeOffset[] Times =
    [
        DateTimeOffset.UnixEpoch, new(2026, 3, 29, 1, 30, 0, TimeSpan.Zero), new(2028, 2, 29, 0, 0, 0, TimeSpan.Zero),
        new(9998, 12, 31, 23, 59, 59, TimeSpan.Zero),
    ];

    // Three lines: expression, duration, time zone.
    private static readonly Gen<byte[]> Windows = ByteEdits.Of(
        Fuzz.Corpus(Target),
        " ", "*", "?", "L", "W", "LW", "#", "#5", "/", "-", ",", "0", "1", "7", "12", "29", "31", "59", "60", "2026",
        "SUN",
        "MON", "FRI", "JAN", "DEC", "@daily", "\t", "\n", "5L", "L-3", "15W", "*/7", "9999999999", "UTC",
        "Europe/Zurich",
        "../../etc/passwd", "1m", "7d", "4h", "0s", "2h61m", "É");

    [Fact]
    public void Windows_OfAnyText_OpenOrAreRefusedInWords() => Fuzz.Run(Target, Windows, static bytes =>
    {
        // Mutants: an exception of the library, a window that never opens, a time zone that is a path.
        string[] lines = Encoding.UTF8.GetString(bytes).Split('\n');
        var spec = new RotationWindowSpec
        {
            Cron = lines[0],
            Duration = lines.ElementAtOrDefault(1) ?? "4h",
            TimeZone = lines.ElementAtOrDefault(2),
        };

        if (!RotationWindow.TryParse(spec, out RotationWindow? window, out string? problem))
        {
            MachineWords.AssertNoneIn(problem, spec.Cron, spec.Duration, spec.TimeZone ?? "");
            Assert.DoesNotContain('\n', problem);
            return;
        }

        Assert.InRange(window.Duration, RotationWindow.MinDuration, RotationWindow.MaxDuration);
        foreach (DateTimeOffset time in Times)
        {
            DateTimeOffset opening = window.OpeningAt(time);
            Assert.True(opening > time - window.Duration, $"{opening:o} is over at {time:o}");
            Assert.True(opening == DateTimeOffset.MaxValue || window.OpeningAt(opening) <= opening, "it is open then");
        }
    });
}
