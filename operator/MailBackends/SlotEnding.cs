using System.Collections.Immutable;
using MailOperator.Backends;

namespace MailOperator.MailBackends;

/// <summary>What one pass has done to end slots.</summary>
/// <param name="Refused">Those that the store refuses now and did not before.</param>
/// <param name="Removed">Those that are gone.</param>
/// <param name="DueIn">How long until the next step; null if none waits for a time.</param>
/// <param name="Problem">Why mail servers could not be told, as a sentence; null if they were.</param>
internal sealed record SlotEnding(
    ImmutableArray<Slot> Refused, ImmutableArray<Slot> Removed, TimeSpan? DueIn, string? Problem)
{
    public static readonly SlotEnding Nothing = new([], [], DueIn: null, Problem: null);
}
