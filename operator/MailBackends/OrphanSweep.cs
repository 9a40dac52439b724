using System.Collections.Concurrent;
using System.Text.Json;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;

namespace MailOperator.MailBackends;

/// <summary>
/// Finds slots of ours whose device is gone, and removes them once their grace is over. Slots of others are never
/// looked at, and nothing is removed but on a list of the devices that was read for it.
/// </summary>
internal sealed class OrphanSweep(KubernetesApi api, EventRecorder events, TimeProvider clock)
{
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromHours(24);

    private const int PageSize = 500;

    // Longer than the status can tell: what is forgotten at a restart waits for its grace once more.
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, DateTimeOffset>> _known = new(StringComparer.Ordinal);

    /// <param name="backend">The MailBackend.</param>
    /// <param name="slots">All slots of this instance there.</param>
    /// <param name="living">UIDs of the devices that the cache shows for it.</param>
    /// <param name="target">Where they are removed.</param>
    /// <param name="cancellationToken">Ends the sweep; the next one goes on.</param>
    /// <exception cref="MailBackendException">The backend did not remove what it was asked to.</exception>
    public async Task<OrphanFindings> SweepAsync(
        MailBackend backend, IReadOnlyList<Slot> slots, IReadOnlySet<string> living, IMailBackend target, CancellationToken cancellationToken)
    {
        OrphanFindings findings = Judge(backend, slots, living);
        if (findings.ToRemove.IsEmpty)
        {
            return findings;
        }

        // The cache may lag behind: a device made a moment ago is not in it, and its slots are.
        var livingNow = new HashSet<string>([.. living, .. await LivingNowAsync(cancellationToken)], StringComparer.Ordinal);
        findings = Judge(backend, slots, livingNow);
        await RemoveAsync(backend, findings, target, cancellationToken);
        return Judge(backend, [.. slots.Except(findings.ToRemove.Select(static orphan => orphan.Slot))], livingNow);
    }

    public void Forget(string backend) => _known.TryRemove(backend, out _);

    private OrphanFindings Judge(MailBackend backend, IReadOnlyList<Slot> slots, IReadOnlySet<string> living)
    {
        string name = backend.Metadata.Name;
        OrphanSpec? spec = backend.Spec.Orphans;
        TimeSpan? grace = spec?.Policy == OrphanPolicy.Report ? null : spec?.Grace is { } text ? Durations.Parse(text) : DefaultGrace;
        _ = int.TryParse(backend.Annotation(Annotations.RemoveOrphans), out int agreed);
        IReadOnlyDictionary<string, DateTimeOffset> known = _known.GetValueOrDefault(name) ?? Reported(backend);
        OrphanFindings findings = OrphanJudge.Judge(slots, living, known, grace, agreed, Rfc3339.WholeSeconds(clock.GetUtcNow()));
        if (findings.All.Any(orphan => !known.ContainsKey(OrphanJudge.KeyOf(orphan.Slot))))
        {
            events.Warning(
                ApiGroup.MailBackends, backend, Reasons.OrphansFound,
                $"{findings.All.Length} credentials at the backend belong to MailDevices that are gone; status.orphans names them");
        }

        _known[name] = findings.All.ToDictionary(static orphan => OrphanJudge.KeyOf(orphan.Slot), static orphan => orphan.Since, StringComparer.Ordinal);
        return findings;
    }

    private static Dictionary<string, DateTimeOffset> Reported(MailBackend backend)
    {
        var reported = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (OrphanStatus orphan in backend.Status?.Orphans ?? [])
        {
            reported[OrphanJudge.KeyOf(orphan.DeviceUid, orphan.Id)] = orphan.Since;
        }

        return reported;
    }

    private async Task RemoveAsync(MailBackend backend, OrphanFindings findings, IMailBackend target, CancellationToken cancellationToken)
    {
        if (findings.ToRemove.IsEmpty)
        {
            return;
        }

        // All at once, so that a backend which writes in batches writes once.
        await Task.WhenAll(findings.ToRemove.GroupBy(static orphan => orphan.Slot.Owner).Select(owned =>
            target.ApplyAsync(new SlotChange(owned.Key, [], [.. owned.Select(static orphan => orphan.Slot.Selector)]), cancellationToken)));
        string some = string.Join(", ", findings.ToRemove.Take(5).Select(static orphan => $"{orphan.Slot.Mailbox} {orphan.Slot.Selector} ({orphan.Slot.Restrictions.DeviceName})"));
        events.Warning(
            ApiGroup.MailBackends, backend, Reasons.OrphansRemoved,
            $"{findings.ToRemove.Length} credentials whose MailDevice is gone have ended: {some}{(findings.ToRemove.Length > 5 ? " and more" : "")}");
    }

    private async Task<List<string>> LivingNowAsync(CancellationToken cancellationToken)
    {
        var uids = new List<string>();
        string? next = null;
        do
        {
            using JsonDocument page = await api.ListPageAsync(ApiGroup.MailDevices, new Selection(MetadataOnly: true), PageSize, next, cancellationToken);
            JsonElement root = page.RootElement;
            uids.AddRange(root.GetProperty("items").EnumerateArray().Select(static item => item.GetProperty("metadata").GetProperty("uid").GetString()!));
            next = root.GetProperty("metadata").TryGetProperty("continue", out JsonElement token) ? token.GetString() : null;
        }
        while (!string.IsNullOrEmpty(next));
        return uids;
    }
}
