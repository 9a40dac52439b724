using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailServers;

namespace MailOperator.MailBackends;

/// <summary>
/// Decides the steps by which slots without a device end. Where mail servers must be told, a slot is refused first, and
/// kept as the record of what is left to do until all of them have heard of it. A pure function.
/// </summary>
internal static class SlotEndPlanner
{
    /// <param name="slots">The slots to end.</param>
    /// <param name="delay">How long mail servers may take to hear of a change; null if none must be told.</param>
    /// <param name="now">The time.</param>
    public static SlotEndPlan Plan(IReadOnlyCollection<Slot> slots, TimeSpan? delay, DateTimeOffset now)
    {
        if (delay is not { } time)
        {
            return new SlotEndPlan([], [.. slots], DueIn: null);
        }

        var end = new SlotEnd(Rfc3339.WholeSeconds(now), EndsSessions: true);
        Slot[] refused = [.. slots.Where(static slot => slot.End is { EndsSessions: true })];
        Slot[] toRefuse =
        [
            .. slots.Where(static slot => slot.End is not { EndsSessions: true }).Select(slot => slot with
            {
                End = end,
                Restrictions = slot.Restrictions with { IsSuspended = true },
            }),
        ];
        TimeSpan[] left =
        [
            .. refused.Concat(toRefuse).Select(slot => Propagation.Left(slot.End!.At, time, now))
                .Where(static wait => wait > TimeSpan.Zero),
        ];
        return new SlotEndPlan(
            [.. toRefuse],
            [.. refused.Where(slot => Propagation.Left(slot.End!.At, time, now) <= TimeSpan.Zero)],
            left.Length > 0 ? left.Min() : null);
    }
}
