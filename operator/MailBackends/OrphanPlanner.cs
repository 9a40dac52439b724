using System.Collections.Immutable;
using MailOperator.Backends;

namespace MailOperator.MailBackends;

/// <summary>Decides which orphans are removed. A pure function: no clock, no client.</summary>
internal static class OrphanPlanner
{
    /// <summary>
    /// One in so many of all slots may be orphans. If there are more, a person must confirm the removal: a fault of the
    /// operator is more likely.
    /// </summary>
    public const int OneIn = 5;

    /// <param name="slots">All slots of this instance at the backend.</param>
    /// <param name="living">UIDs of the MailDevices that may have slots there.</param>
    /// <param name="known">When each orphan was first seen, by <see cref="KeyOf(Slot)"/>.</param>
    /// <param name="grace">How long an orphan is kept; null means for ever.</param>
    /// <param name="confirmed">How many a person has agreed to remove.</param>
    /// <param name="now">The time; whole seconds.</param>
    public static OrphanPlan Plan(
        IReadOnlyList<Slot> slots,
        IReadOnlySet<string> living,
        IReadOnlyDictionary<string, DateTimeOffset> known,
        TimeSpan? grace,
        int confirmed,
        DateTimeOffset now)
    {
        ImmutableArray<Orphan> all =
        [
            .. slots.Where(slot => !slot.IsRetained && !living.Contains(slot.Owner.DeviceUid))
                .Select(slot => new Orphan(slot, Since(slot, known, now)))
                .OrderBy(static orphan => orphan.Since)
                .ThenBy(static orphan => KeyOf(orphan.Slot), StringComparer.Ordinal),
        ];
        if (grace is not { } time)
        {
            return new OrphanPlan(all, [], IsBlocked: false, DueIn: null);
        }

        ImmutableArray<Orphan> due = [.. all.Where(orphan => orphan.Since + time <= now)];
        bool isBlocked = due.Length > 0
            && all.Length > Math.Max(1, slots.Count / OneIn)
            && all.Length > confirmed;
        TimeSpan[] waiting =
            [.. all.Select(orphan => orphan.Since + time - now).Where(static wait => wait > TimeSpan.Zero)];
        return new OrphanPlan(all, isBlocked ? [] : due, isBlocked, waiting.Length > 0 ? waiting.Min() : null);
    }

    public static string KeyOf(Slot slot) => KeyOf(slot.Owner.DeviceUid, slot.Selector);

    public static string KeyOf(string deviceUid, string selector) => $"{deviceUid}/{selector}";

    // A time in the future, from an edited status or a clock that was set back, would keep the orphan for too long.
    private static DateTimeOffset Since(
        Slot slot, IReadOnlyDictionary<string, DateTimeOffset> known, DateTimeOffset now) =>
        known.TryGetValue(KeyOf(slot), out DateTimeOffset since) && since < now ? since : now;
}
