using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.MailBackends;

/// <summary>
/// Decides which logins a device's status shows: at most one per hour, so that a busy device does not cause a write for
/// each login.
/// </summary>
internal static class LastUseReport
{
    /// <summary>A login is shown only if it is this much later than the one shown.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>The latest of the logins that the slots report and the one known from elsewhere.</summary>
    public static LastUse? Latest(LastUse? known, IEnumerable<Slot> slots) =>
        slots.Max(static slot => slot.LastUsedAt) is { } time && !(known?.Time >= time)
            ? new LastUse { Time = time }
            : known;

    /// <summary>The login that the status must show, given the one it shows and the latest one.</summary>
    public static LastUse? Choose(LastUse? shown, LastUse? known) =>
        known is not null && (shown is null || known.Time - shown.Time >= Interval) ? known : shown;
}
