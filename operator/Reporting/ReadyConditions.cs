using MailOperator.Api;

namespace MailOperator.Reporting;

/// <summary>What is said beside Ready, so that tools which know only kstatus can tell waiting from broken.</summary>
internal static class ReadyConditions
{
    /// <param name="previous">The conditions so far: a time changes only when its status does.</param>
    /// <param name="ready">The verdict, of type Ready.</param>
    /// <param name="others">What else is so.</param>
    /// <param name="generation">The generation of the spec that was judged.</param>
    /// <param name="now">Kept in whole seconds.</param>
    public static Condition[] Build(IReadOnlyList<Condition> previous, Condition ready, Condition[] others, long? generation, DateTimeOffset now)
    {
        // Only the spec is for a person alone to put right; a mail system may answer again by itself, and devices may go.
        Condition[] conditions = ready switch
        {
            { Status: "True" } => [ready],
            { Reason: Reasons.InvalidSpec } => [ready, ready with { Type = ConditionTypes.Stalled, Status = "True" }],
            _ => [ready, ready with { Type = ConditionTypes.Reconciling, Status = "True" }],
        };
        return [.. conditions.Concat(others).Select(condition => StatusConditions.Stamp(condition, previous, generation, now))];
    }
}
