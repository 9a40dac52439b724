namespace MailOperator.Benchmarks.Figures;

/// <summary>A figure that a part of the benchmark promises to measure.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Unit">Its unit; "" for a count.</param>
/// <param name="Target">What it has to reach.</param>
internal sealed record Figure(string Name, string Unit, Target Target);

/// <summary>A figure as it was measured.</summary>
/// <param name="Part">The part that measured it.</param>
/// <param name="Figure">What it is, and what it has to reach.</param>
/// <param name="Measured">Null if it could not be measured.</param>
/// <param name="Limit">What was measured beside it in the same run, in the same unit; null if nothing was.</param>
/// <param name="Note">What the limit is, the spread, or why it could not be measured.</param>
internal sealed record Row(string Part, Figure Figure, double? Measured, double? Limit, string Note)
{
    public double? Ratio => Figure.Target.Ratio(Measured, Limit);

    public Verdict Verdict => Figure.Target.Judge(Measured, Limit);
}
