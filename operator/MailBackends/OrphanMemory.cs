using System.Collections.Concurrent;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;

namespace MailOperator.MailBackends;

/// <summary>Plans what happens to the orphans of each MailBackend, and remembers since when they are.</summary>
internal sealed class OrphanMemory(SeenDevices seen, EventRecorder events, TimeProvider clock)
{
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromHours(24);

    // The status names only some. After a restart, the grace of the others starts again.
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, DateTimeOffset>> _known =
        new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, bool> _shared = new(StringComparer.Ordinal);

    /// <param name="backend">The MailBackend.</param>
    /// <param name="slots">All slots of this instance there.</param>
    /// <param name="living">UIDs of the devices.</param>
    /// <param name="isUngranted">Whether no grant covers it any more, and the platform wants it ended.</param>
    public OrphanPlan Plan(
        MailBackend backend, IReadOnlyList<Slot> slots, IReadOnlySet<string> living, Predicate<UnownedSlot> isUngranted)
    {
        string name = backend.Metadata.Name;
        IReadOnlyDictionary<string, DateTimeOffset> known = _known.GetValueOrDefault(name) ?? Reported(backend);
        var rules = new OrphanRules(
            GraceOf(backend),
            BackendExpiry.Maximum(backend),
            OrphanConfirmation.Parse(backend.Annotation(Annotations.RemoveOrphans)))
        {
            IsOfAnother = seen.IsOfAnother,
            // Only of a device that was seen: those of a cluster with the same instance name may have no grant here.
            IsWithdrawn = orphan =>
                seen.Knows(orphan.Slot.Owner.DeviceUid) && isUngranted(UnownedSlot.Of(orphan.Slot)),
        };
        OrphanPlan plan = OrphanPlanner.Plan(slots, living, known, rules, Rfc3339.WholeSeconds(clock.GetUtcNow()));
        if (plan.All.Any(orphan => !known.ContainsKey(OrphanPlanner.KeyOf(orphan.Slot))))
        {
            events.Warning(
                ApiGroup.MailBackends,
                backend,
                Reasons.OrphansFound,
                $"{plan.All.Length} credentials at the backend belong to MailDevices that are gone; "
                + "status.orphans names them");
        }

        if (plan.OfAnother is { } other && _shared.TryAdd(name, true))
        {
            events.Warning(ApiGroup.MailBackends, backend, Reasons.InstanceShared, OrphanReport.Explain(other));
        }
        else if (plan.OfAnother is null)
        {
            _shared.TryRemove(name, out _);
        }

        _known[name] = plan.All.ToDictionary(
            static orphan => OrphanPlanner.KeyOf(orphan.Slot), static orphan => orphan.Since, StringComparer.Ordinal);
        return plan;
    }

    /// <summary>Call this when the MailBackend is gone.</summary>
    public void Forget(string backend)
    {
        _known.TryRemove(backend, out _);
        _shared.TryRemove(backend, out _);
    }

    /// <summary>Null means that orphans are only reported, until the maximum.</summary>
    private static TimeSpan? GraceOf(MailBackend backend) => backend.Spec.Orphans switch
    {
        _ when !backend.IsReadable("spec.orphans") => null,
        { Policy: OrphanPolicy.Report } => null,
        { Grace: { } grace } => Durations.Parse(grace),
        _ => DefaultGrace,
    };

    private static Dictionary<string, DateTimeOffset> Reported(MailBackend backend)
    {
        var reported = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (OrphanStatus orphan in backend.Status?.Orphans ?? [])
        {
            reported[OrphanPlanner.KeyOf(orphan.DeviceUid, orphan.Id)] = orphan.Since;
        }

        return reported;
    }
}
