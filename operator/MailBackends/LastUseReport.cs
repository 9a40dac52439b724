using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.MailBackends;

/// <summary>How much of a device's logins its status shows: one an hour, so that a busy device writes no more than an idle one.</summary>
internal static class LastUseReport
{
    /// <summary>A login within this time after the one shown is not shown.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>The latest login of those that the slots tell of and the one known otherwise.</summary>
    public static LastUse? Latest(LastUse? known, IEnumerable<Slot> slots) =>
        slots.Max(static slot => slot.LastUsedAt) is { } time && !(known?.Time >= time) ? new LastUse { Time = time } : known;

    /// <summary>What the status is to show, given what it shows and what is known.</summary>
    public static LastUse? Choose(LastUse? shown, LastUse? known) =>
        known is not null && (shown is null || known.Time - shown.Time >= Interval) ? known : shown;
}
