using System.Collections.Concurrent;
using System.Text.Json;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;

namespace MailOperator.MailBackends;

/// <summary>
/// Finds slots of this operator whose device does not exist, and removes them after their grace. Ignores slots of
/// others. Lists the devices from the API server before it removes anything.
/// </summary>
internal sealed class OrphanCollector(KubernetesApi api, EventRecorder events, TimeProvider clock)
{
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromHours(24);

    private const int PageSize = 500;

    private const int MaxNamed = 5;

    // The status names only some. After a restart, the grace of the others starts again.
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, DateTimeOffset>> _known =
        new(StringComparer.Ordinal);

    /// <param name="backend">The MailBackend.</param>
    /// <param name="slots">All slots of this instance there.</param>
    /// <param name="living">UIDs of the devices in the cache.</param>
    /// <param name="target">Where orphans are removed.</param>
    /// <param name="cancellationToken">Ends the run; the next one continues.</param>
    /// <exception cref="MailBackendException">The backend did not remove an orphan.</exception>
    public async Task<OrphanPlan> CollectAsync(
        MailBackend backend,
        IReadOnlyList<Slot> slots,
        IReadOnlySet<string> living,
        IMailBackend target,
        CancellationToken cancellationToken)
    {
        OrphanPlan plan = Plan(backend, slots, living);
        if (plan.ToRemove.IsEmpty)
        {
            return plan;
        }

        // The cache may lag behind: a new device may have slots before the cache shows it.
        var livingNow = new HashSet<string>(
            [.. living, .. await ListDevicesAsync(cancellationToken)], StringComparer.Ordinal);
        plan = Plan(backend, slots, livingNow);
        await RemoveAsync(backend, plan, target, cancellationToken);
        return Plan(backend, [.. slots.Except(plan.ToRemove.Select(static orphan => orphan.Slot))], livingNow);
    }

    /// <summary>Call this when the MailBackend is gone.</summary>
    public void Forget(string backend) => _known.TryRemove(backend, out _);

    private OrphanPlan Plan(MailBackend backend, IReadOnlyList<Slot> slots, IReadOnlySet<string> living)
    {
        string name = backend.Metadata.Name;
        _ = int.TryParse(backend.Annotation(Annotations.RemoveOrphans), out int confirmed);
        IReadOnlyDictionary<string, DateTimeOffset> known = _known.GetValueOrDefault(name) ?? Reported(backend);
        OrphanPlan plan = OrphanPlanner.Plan(
            slots, living, known, GraceOf(backend), confirmed, Rfc3339.WholeSeconds(clock.GetUtcNow()));
        if (plan.All.Any(orphan => !known.ContainsKey(OrphanPlanner.KeyOf(orphan.Slot))))
        {
            events.Warning(
                ApiGroup.MailBackends,
                backend,
                Reasons.OrphansFound,
                $"{plan.All.Length} credentials at the backend belong to MailDevices that are gone; "
                + "status.orphans names them");
        }

        _known[name] = plan.All.ToDictionary(
            static orphan => OrphanPlanner.KeyOf(orphan.Slot), static orphan => orphan.Since, StringComparer.Ordinal);
        return plan;
    }

    /// <summary>Null means that orphans are only reported.</summary>
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

    private async Task RemoveAsync(
        MailBackend backend, OrphanPlan plan, IMailBackend target, CancellationToken cancellationToken)
    {
        if (plan.ToRemove.IsEmpty)
        {
            return;
        }

        // All at once, so that a backend which writes in batches writes once.
        await Task.WhenAll(plan.ToRemove.GroupBy(static orphan => orphan.Slot.Owner).Select(owned => target.ApplyAsync(
            new SlotChange(owned.Key, [], [.. owned.Select(static orphan => orphan.Slot.Selector)]),
            cancellationToken)));
        string named = string.Join(", ", plan.ToRemove.Take(MaxNamed).Select(static orphan =>
            $"{orphan.Slot.Mailbox} {orphan.Slot.Selector} ({orphan.Slot.Restrictions.DeviceName})"));
        string more = plan.ToRemove.Length > MaxNamed ? " and more" : "";
        events.Warning(
            ApiGroup.MailBackends,
            backend,
            Reasons.OrphansRemoved,
            $"{plan.ToRemove.Length} credentials whose MailDevice is gone have ended: {named}{more}");
    }

    /// <summary>UIDs of all MailDevices, from the API server.</summary>
    private async Task<List<string>> ListDevicesAsync(CancellationToken cancellationToken)
    {
        var uids = new List<string>();
        string? next = null;
        do
        {
            using JsonDocument page = await api.ListPageAsync(
                ApiGroup.MailDevices, new Selection(MetadataOnly: true), PageSize, next, cancellationToken);
            JsonElement root = page.RootElement;
            uids.AddRange(root.GetProperty("items").EnumerateArray()
                .Select(static item => item.GetProperty("metadata").GetProperty("uid").GetString()!));
            next = root.GetProperty("metadata").TryGetProperty("continue", out JsonElement token)
                ? token.GetString()
                : null;
        }
        while (!string.IsNullOrEmpty(next));
        return uids;
    }
}
