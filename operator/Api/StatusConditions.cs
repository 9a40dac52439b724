using MailOperator.Kubernetes;

namespace MailOperator.Api;

/// <summary>Rules for the conditions of all kinds.</summary>
internal static class StatusConditions
{
    /// <summary>The condition of a type; null if there is none.</summary>
    public static Condition? Find(IReadOnlyList<Condition> conditions, string type) =>
        conditions.FirstOrDefault(condition => condition.Type == type);

    /// <summary>Adds the generation and the time. The time changes only when the status does.</summary>
    /// <param name="condition">The condition now.</param>
    /// <param name="previous">The object's conditions so far.</param>
    /// <param name="generation">The generation of the spec that was judged.</param>
    /// <param name="now">Kept in whole seconds.</param>
    public static Condition Stamp(
        Condition condition, IReadOnlyList<Condition> previous, long? generation, DateTimeOffset now) => condition with
        {
            ObservedGeneration = generation,
            LastTransitionTime = Find(previous, condition.Type) is { } old && old.Status == condition.Status
            ? old.LastTransitionTime
            : Rfc3339.WholeSeconds(now),
        };
}
