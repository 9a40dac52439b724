using MailOperator.Benchmarks.Bed;
using MailOperator.Benchmarks.Figures;

namespace MailOperator.Benchmarks;

/// <summary>A part of the benchmark, which can run alone.</summary>
internal abstract class Part
{
    /// <summary>For <c>PART=…</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What it promises to measure. What it does not measure is missed.</summary>
    public abstract IReadOnlyList<Figure> Figures { get; }

    public abstract Task MeasureAsync(Bench bench, Measurements results);
}

/// <summary>The results of one part.</summary>
internal sealed class Measurements(string part, Results results)
{
    public void Add(Figure figure, double measured, double? limit = null, string note = "")
    {
        Row row = results.Add(part, figure, measured, limit, note);
        Console.Error.WriteLine(MarkdownTable.Line(row));
    }

    public void Draw(Plot plot) => results.Draw(plot);
}
