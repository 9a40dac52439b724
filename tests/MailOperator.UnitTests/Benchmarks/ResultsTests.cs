using System.Text.Json.Nodes;
using MailOperator.Benchmarks.Figures;

namespace MailOperator.UnitTests.Benchmarks;

public sealed class ResultsTests
{
    private static readonly Figure Calls = new("calls", "", Target.AtMost(4));
    private static readonly Figure Rate = new("rate | all", "/s", Target.AtLeastTimes(0.85));

    [Fact]
    public void Complete_AFigureThatIsMissing_IsMissedAndSaysWhy()
    {
        var results = new Results();
        results.Add("part", Calls, 3);
        Assert.True(results.AllMet);

        results.Complete("part", [Calls, Rate], "no root");

        Assert.False(results.AllMet);
        Assert.Equal(2, results.Rows.Count);
        Assert.Equal("not measured: no root", results.Rows[1].Note);
    }

    [Fact]
    public void Complete_AnotherPartsFigure_DoesNotCount()
    {
        var results = new Results();
        results.Add("other", Calls, 3);

        results.Complete("part", [Calls], "it ended");

        Assert.False(results.AllMet);
    }

    [Fact]
    public void Table_ShowsLimitRatioTargetAndVerdict()
    {
        var results = new Results();
        results.Add("burst", Rate, 43.21, 50, "one\nline");
        results.Add("calls", Calls, 1234.5);
        results.Complete("calls", [Calls, Rate], "no root");

        string[] lines = MarkdownTable.Of(results.Rows).TrimEnd().Split('\n');

        Assert.Equal(5, lines.Length);
        Assert.Equal("| burst | rate \\| all | 43.2 /s | 50.0 /s | 0.86 | ≥ 0.85 × limit | met | one line |", lines[2]);
        Assert.Equal("| calls | calls | 1,235 |  | 309 | ≤ 4 | **missed** |  |", lines[3]);
        Assert.Equal(
            "| calls | rate \\| all | not measured |  |  | ≥ 0.85 × limit | **missed** | not measured: no root |",
            lines[4]);
    }

    [Fact]
    public void Json_HasEveryRowWithItsVerdict()
    {
        var results = new Results();
        results.Add("burst", Rate, 40, 50);
        var machine = new Machine("2026-12-01", 2, 24, "Debian", ".NET 10", "v1.20.2", 12.3);

        JsonNode json = JsonNode.Parse(ResultsJson.Of(machine, results.Rows))!;

        Assert.Equal(2, (int)json["machine"]!["cores"]!);
        Assert.Contains("v1.20.2", machine.Text, StringComparison.Ordinal);
        Assert.Contains("12 % busy", machine.Text, StringComparison.Ordinal);
        Assert.Equal("Missed", (string?)json["rows"]![0]!["verdict"]);
        Assert.Equal(0.8, (double)json["rows"]![0]!["ratio"]!);
    }

    [Fact]
    public void Page_BetweenTheComments_IsReplaced()
    {
        string page = $"before\n{MarkedText.Begin}\nold\n{MarkedText.End}\nafter\n";

        Assert.Equal(
            $"before\n{MarkedText.Begin}\nnew\n{MarkedText.End}\nafter\n", MarkedText.Replace(page, "new\n\n"));
        Assert.Throws<InvalidOperationException>(
            static () => MarkedText.Replace(MarkedText.End + MarkedText.Begin, "new"));
    }

    [Fact]
    public void Machine_KnowsItsSystem()
    {
        Assert.Equal("Debian 12", Machine.OsName(["ID=debian", "PRETTY_NAME=\"Debian 12\""]));
        Assert.NotEmpty(Machine.OsName([]));
    }
}
