using System.Collections.Immutable;
using MailOperator.Backends;

namespace MailOperator.MailBackends;

/// <summary>
/// Decides which passwords end that a <c>deletionPolicy</c> of Retain has left. A pure function: no clock, no client.
/// </summary>
internal static class RetainedPlanner
{
    /// <param name="slots">All slots of this instance at the backend.</param>
    /// <param name="living">UIDs of the MailDevices; what they own is theirs, also after a restore.</param>
    /// <param name="rules">What ends retained passwords.</param>
    /// <param name="now">The time.</param>
    public static RetainedPlan Plan(
        IReadOnlyList<Slot> slots, IReadOnlySet<string> living, RetainedRules rules, DateTimeOffset now)
    {
        ImmutableArray<UnownedSlot> all =
        [
            .. slots.Where(slot => slot.IsRetained && !living.Contains(slot.Owner.DeviceUid))
                .OrderBy(static slot => slot.IssuedAt)
                .ThenBy(static slot => OrphanPlanner.KeyOf(slot), StringComparer.Ordinal)
                .Select(UnownedSlot.Of),
        ];
        TimeSpan[] waiting =
        [
            .. all.Select(one => one.Slot.IssuedAt + rules.Maximum - now).OfType<TimeSpan>()
                .Where(static wait => wait > TimeSpan.Zero),
        ];
        return new RetainedPlan(
            all,
            [
                .. all.Select(one => (Retained: one, Why: WhyEnd(one, rules, now)))
                    .Where(static one => one.Why is not null).Select(static one => (one.Retained, one.Why!.Value)),
            ],
            waiting.Length > 0 ? waiting.Min() : null);
    }

    private static RetainedEnd? WhyEnd(UnownedSlot retained, RetainedRules rules, DateTimeOffset now) =>
        retained.Slot.End is not null ? RetainedEnd.Begun
            : rules.IsAsked(retained) ? RetainedEnd.Asked
            : retained.Slot.IssuedAt + rules.Maximum <= now ? RetainedEnd.Expired
            : rules.IsWithdrawn(retained) ? RetainedEnd.Withdrawn
            : null;
}
