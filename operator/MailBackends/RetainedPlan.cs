using System.Collections.Immutable;

namespace MailOperator.MailBackends;

/// <summary>The retained passwords at a backend and which of them end.</summary>
/// <param name="All">Every one whose device does not exist, oldest first.</param>
/// <param name="ToEnd">Those that end now, and why.</param>
/// <param name="DueIn">How long until the next one expires; null if none does.</param>
internal sealed record RetainedPlan(
    ImmutableArray<UnownedSlot> All,
    ImmutableArray<(UnownedSlot Retained, RetainedEnd Why)> ToEnd,
    TimeSpan? DueIn);
