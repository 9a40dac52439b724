using System.Collections.Immutable;

namespace MailOperator.MailBackends;

/// <summary>The orphans at a backend and what to do about them.</summary>
/// <param name="All">Every orphan.</param>
/// <param name="ToRemove">Those that end now.</param>
/// <param name="Held">
/// How many are held back in which namespace: some there are due, but so many that a person must confirm it first.
/// </param>
/// <param name="DueIn">How long until the next one is due; null if none waits.</param>
internal sealed record OrphanPlan(
    ImmutableArray<Orphan> All,
    ImmutableArray<Orphan> ToRemove,
    ImmutableSortedDictionary<string, int> Held,
    TimeSpan? DueIn)
{
    /// <summary>
    /// One that another operator made under the instance name of this one. The others may be that operator's too, so
    /// none is removed for its age as an orphan. Null if there is none.
    /// </summary>
    public Orphan? OfAnother { get; init; }
}
