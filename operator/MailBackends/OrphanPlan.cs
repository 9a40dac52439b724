using System.Collections.Immutable;

namespace MailOperator.MailBackends;

/// <summary>The orphans at a backend and what to do about them.</summary>
/// <param name="All">Every orphan.</param>
/// <param name="ToRemove">Those whose grace is over and that may be removed.</param>
/// <param name="IsBlocked">Some are due, but so many that a person must confirm the removal first.</param>
/// <param name="DueIn">How long until the next one is due; null if none waits.</param>
internal sealed record OrphanPlan(
    ImmutableArray<Orphan> All, ImmutableArray<Orphan> ToRemove, bool IsBlocked, TimeSpan? DueIn);
