using System.Collections.Immutable;
using MailOperator.Backends;

namespace MailOperator.MailBackends;

/// <summary>Decides which orphans are removed. A pure function: no clock, no client.</summary>
internal static class OrphanPlanner
{
    /// <summary>
    /// One in so many of the slots of a namespace may be orphans. If there are more, a person must confirm the removal:
    /// a fault of the operator is more likely. Judged by namespace, so that no tenant holds back the orphans of others.
    /// </summary>
    public const int OneIn = 5;

    /// <param name="slots">All slots of this instance at the backend.</param>
    /// <param name="living">UIDs of the MailDevices that may have slots there.</param>
    /// <param name="known">When each orphan was first seen, by <see cref="KeyOf(Slot)"/>.</param>
    /// <param name="rules">How long orphans stay.</param>
    /// <param name="now">The time; whole seconds.</param>
    public static OrphanPlan Plan(
        IReadOnlyList<Slot> slots,
        IReadOnlySet<string> living,
        IReadOnlyDictionary<string, DateTimeOffset> known,
        OrphanRules rules,
        DateTimeOffset now)
    {
        ImmutableArray<Orphan> all =
        [
            .. slots.Where(slot => !slot.IsRetained && !living.Contains(slot.Owner.DeviceUid))
                .Select(slot => new Orphan(slot, UnownedSlot.Of(slot).Namespace, Since(slot, known, now)))
                .OrderBy(static orphan => orphan.Since)
                .ThenBy(static orphan => KeyOf(orphan.Slot), StringComparer.Ordinal),
        ];
        // One that is refused already only has to be cleaned up.
        ILookup<bool, Orphan> byHold = all.ToLookup(orphan =>
            orphan.Slot.End is null && !(orphan.Slot.IssuedAt + rules.Maximum <= now));
        ImmutableSortedDictionary<string, int> held = Held(slots, [.. byHold[true]], rules, now);
        Orphan? ofAnother = all.FirstOrDefault(orphan => rules.IsOfAnother(orphan.Slot));
        ImmutableArray<Orphan> due =
        [
            .. all.Where(orphan => byHold[false].Contains(orphan)
                || (ofAnother is null
                    && (rules.IsWithdrawn(orphan)
                        || (orphan.Since + rules.Grace <= now && !held.ContainsKey(orphan.Namespace))))),
        ];
        return new OrphanPlan(all, due, held, DueIn([.. byHold[true]], rules, now)) { OfAnother = ofAnother };
    }

    public static string KeyOf(Slot slot) => KeyOf(slot.Owner.DeviceUid, slot.Selector);

    public static string KeyOf(string deviceUid, string selector) => $"{deviceUid}/{selector}";

    private static ImmutableSortedDictionary<string, int> Held(
        IReadOnlyList<Slot> slots, Orphan[] orphans, OrphanRules rules, DateTimeOffset now)
    {
        var slotsOf = slots.CountBy(static slot => UnownedSlot.Of(slot).Namespace).ToDictionary(StringComparer.Ordinal);
        return orphans.GroupBy(static orphan => orphan.Namespace, StringComparer.Ordinal)
            .Where(of => of.Any(orphan => orphan.Since + rules.Grace <= now)
                && of.Count() > Math.Max(1, slotsOf[of.Key] / OneIn)
                && of.Count() > rules.Confirmed.Of(of.Key))
            .ToImmutableSortedDictionary(
                static of => of.Key, static of => of.Count(), StringComparer.Ordinal);
    }

    private static TimeSpan? DueIn(Orphan[] orphans, OrphanRules rules, DateTimeOffset now)
    {
        TimeSpan[] waiting =
        [
            .. orphans.SelectMany(orphan => new[] { orphan.Since + rules.Grace, orphan.Slot.IssuedAt + rules.Maximum })
                .OfType<DateTimeOffset>().Select(end => end - now).Where(static wait => wait > TimeSpan.Zero),
        ];
        return waiting.Length > 0 ? waiting.Min() : null;
    }

    // A time in the future, from an edited status or a clock that was set back, would keep the orphan for too long.
    private static DateTimeOffset Since(
        Slot slot, IReadOnlyDictionary<string, DateTimeOffset> known, DateTimeOffset now) =>
        known.TryGetValue(KeyOf(slot), out DateTimeOffset since) && since < now ? since : now;
}
