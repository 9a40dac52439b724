using System.Collections.Immutable;
using MailOperator.Backends;

namespace MailOperator.MailBackends;

/// <summary>A slot of ours whose MailDevice is gone: its finalizer was removed by force, or its revocation was given up.</summary>
/// <param name="Slot">What the backend holds.</param>
/// <param name="Since">When it was first seen so; whole seconds, UTC.</param>
internal sealed record Orphan(Slot Slot, DateTimeOffset Since);

/// <summary>What a sweep found and what is to be done about it.</summary>
/// <param name="All">Every orphan.</param>
/// <param name="ToRemove">Those whose grace is over and that may go now.</param>
/// <param name="IsHeld">Some would go, but they are too many to believe without a person's word.</param>
/// <param name="DueIn">How long until time alone makes one of them due; null if none waits.</param>
internal sealed record OrphanFindings(
    ImmutableArray<Orphan> All, ImmutableArray<Orphan> ToRemove, bool IsHeld, TimeSpan? DueIn);

/// <summary>Judges orphans, and only judges: no clock, no client.</summary>
internal static class OrphanJudge
{
    /// <summary>The share of all slots that may be orphans before a person must agree: more looks like a fault of ours.</summary>
    public const int OneIn = 5;

    /// <param name="slots">All slots of this instance at the backend.</param>
    /// <param name="living">UIDs of the MailDevices that may have slots there.</param>
    /// <param name="known">When orphans were first seen, by <see cref="KeyOf(Slot)"/>.</param>
    /// <param name="grace">How long an orphan is left; null means for ever.</param>
    /// <param name="agreed">How many a person has agreed to remove.</param>
    /// <param name="now">The time; whole seconds.</param>
    public static OrphanFindings Judge(
        IReadOnlyList<Slot> slots,
        IReadOnlySet<string> living,
        IReadOnlyDictionary<string, DateTimeOffset> known,
        TimeSpan? grace,
        int agreed,
        DateTimeOffset now)
    {
        ImmutableArray<Orphan> all =
        [
            .. slots.Where(slot => !slot.IsRetained && !living.Contains(slot.Owner.DeviceUid))
                .Select(slot => new Orphan(slot, known.TryGetValue(KeyOf(slot), out DateTimeOffset since) && since < now ? since : now))
                .OrderBy(static orphan => orphan.Since).ThenBy(static orphan => KeyOf(orphan.Slot), StringComparer.Ordinal),
        ];
        if (grace is not { } time)
        {
            return new OrphanFindings(all, [], IsHeld: false, DueIn: null);
        }

        ImmutableArray<Orphan> due = [.. all.Where(orphan => orphan.Since + time <= now)];
        bool isHeld = due.Length > 0 && all.Length > Math.Max(1, slots.Count / OneIn) && all.Length > agreed;
        TimeSpan[] waiting = [.. all.Select(orphan => orphan.Since + time - now).Where(static wait => wait > TimeSpan.Zero)];
        return new OrphanFindings(all, isHeld ? [] : due, isHeld, waiting.Length > 0 ? waiting.Min() : null);
    }

    public static string KeyOf(Slot slot) => KeyOf(slot.Owner.DeviceUid, slot.Selector);

    public static string KeyOf(string deviceUid, string selector) => $"{deviceUid}/{selector}";
}
