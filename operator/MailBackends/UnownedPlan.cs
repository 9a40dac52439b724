using MailOperator.Backends;

namespace MailOperator.MailBackends;

/// <summary>What a look at a backend has found and ended of passwords whose device is gone.</summary>
/// <param name="Orphans">Those left without a revocation.</param>
/// <param name="Retained">Those left on purpose.</param>
/// <param name="Ending">The steps that were taken.</param>
internal sealed record UnownedPlan(OrphanPlan Orphans, RetainedPlan Retained, SlotEnding Ending)
{
    // Mail servers or a store that did not follow are tried again soon.
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(10);

    /// <summary>How long until the next step; null if none waits for a time.</summary>
    public TimeSpan? DueIn => new[]
    {
        Orphans.DueIn, Retained.DueIn, Ending.DueIn, Ending.Problem is null ? null : Retry,
    }.Min();

    /// <summary>The slots that end now.</summary>
    public IReadOnlyCollection<Slot> ToEnd =>
    [
        .. Orphans.ToRemove.Select(static orphan => orphan.Slot),
        .. Retained.ToEnd.Select(static one => one.Retained.Slot),
    ];

    /// <summary>The places in the quotas that they take.</summary>
    public IReadOnlyCollection<UnownedPlace> Places =>
    [
        .. Orphans.All.Select(static orphan => UnownedSlot.Of(orphan.Slot)).Concat(Retained.All)
            .Select(static unowned => unowned.Place).DistinctBy(static place => place.DeviceUid),
    ];
}
