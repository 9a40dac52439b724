using MailOperator.Api;

namespace MailOperator.Reporting;

/// <summary>
/// Adds Reconciling or Stalled to Ready, so that tools which know only kstatus can tell waiting from broken.
/// </summary>
internal static class ReadyConditions
{
    /// <param name="previous">The conditions so far: a time changes only when its status does.</param>
    /// <param name="ready">The condition Ready.</param>
    /// <param name="others">Further conditions.</param>
    /// <param name="generation">The generation of the spec that was judged.</param>
    /// <param name="now">Kept in whole seconds.</param>
    public static Condition[] Build(
        IReadOnlyList<Condition> previous, Condition ready, Condition[] others, long? generation, DateTimeOffset now)
    {
        Condition[] conditions = [ready, .. Progress(ready), .. others];
        return [.. conditions.Select(condition => StatusConditions.Stamp(condition, previous, generation, now))];
    }

    // Only a wrong spec needs a person. A mail system may answer again, and the devices that use an object may go.
    private static Condition[] Progress(Condition ready) => ready switch
    {
        _ when ready.IsTrue() => [],
        { Reason: Reasons.InvalidSpec } => [Conditions.True(ConditionTypes.Stalled, ready.Reason, ready.Message)],
        _ => [Conditions.True(ConditionTypes.Reconciling, ready.Reason, ready.Message)],
    };
}
