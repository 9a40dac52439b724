using System.Globalization;
using System.Text;

namespace MailOperator.Benchmarks.Figures;

/// <summary>The rows as a table of Markdown.</summary>
internal static class MarkdownTable
{
    private const string Head = "| part | figure | measured | limit, same run | ratio | target | | notes |";

    public static string Of(IEnumerable<Row> rows)
    {
        var text = new StringBuilder(Head).Append('\n').Append("|---|---|---|---|---|---|---|---|\n");
        foreach (Row row in rows)
        {
            text.Append(Line(row)).Append('\n');
        }

        return text.ToString();
    }

    public static string Line(Row row) =>
        $"| {Cell(row.Part)} | {Cell(row.Figure.Name)} | {Value(row.Measured, row.Figure.Unit)} "
        + $"| {(row.Limit is null ? "" : Value(row.Limit, row.Figure.Unit))} | {Number(row.Ratio)} "
        + $"| {row.Figure.Target.Text(row.Figure.Unit)} | {Word(row.Verdict)} | {Cell(row.Note)} |";

    private static string Value(double? value, string unit) =>
        value is null ? "not measured" : $"{Number(value)} {unit}".TrimEnd();

    /// <summary>Three digits are as exact as a measurement is.</summary>
    private static string Number(double? value) => value switch
    {
        null => "",
        var number when Math.Abs(number.Value) >= 100 => number.Value.ToString("#,0", CultureInfo.InvariantCulture),
        var number when Math.Abs(number.Value) >= 10 => number.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.##", CultureInfo.InvariantCulture),
    };

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Met => "met",
        Verdict.Missed => "**missed**",
        _ => "",
    };

    private static string Cell(string text) =>
        text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);
}
