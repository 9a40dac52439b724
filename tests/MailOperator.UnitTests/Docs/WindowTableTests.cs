using System.Globalization;
using System.Text.RegularExpressions;
using MailOperator.Api;
using MailOperator.MailBackends;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Docs;

/// <summary>Each row of the table of windows in the docs, as the operator computes it.</summary>
public sealed partial class WindowTableTests
{
    public static TheoryData<string, string, string, string> Rows =>
    [
        .. File.ReadLines(Repository.Path("docs", "rotation-and-revocation.md"))
            .Select(static line => Row().Match(line))
            .Where(static row => row.Success)
            .Select(static row => (
                row.Groups["cron"].Value, row.Groups["zone"].Value, row.Groups["after"].Value,
                row.Groups["next"].Value)),
    ];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Opening_RowOfTheTable_IsAsTheDocsSay(string cron, string zone, string after, string next)
    {
        // Mutants: day of month and day of week that must both be right; a step over all days as a named day.
        Assert.True(
            RotationWindow.TryParse(
                new RotationWindowSpec { Cron = cron, Duration = "1m", TimeZone = zone }, out RotationWindow? window,
                out string? problem),
            problem);

        Assert.Equal(At(next), window.OpeningAt(At(after)));
    }

    [Fact]
    public void Table_Rows_AreThere() => Assert.True(Rows.Count > 10);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^\| `(?<cron>[^`]+)` \| (?<zone>[\w/]+) \| [^|]+ \| "
        + @"(?<after>\d{4}-[\d:T-]+Z) \| (?<next>\d{4}-[\d:T-]+Z) \|$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Row();
}
