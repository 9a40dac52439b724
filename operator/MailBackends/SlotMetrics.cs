using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MailOperator.Kubernetes;

namespace MailOperator.MailBackends;

/// <summary>Publishes how many passwords at each MailBackend have no device.</summary>
internal sealed class SlotMetrics
{
    private readonly ConcurrentDictionary<string, UnownedPlan> _plans = new(StringComparer.Ordinal);

    public SlotMetrics(RuntimeMetrics metrics)
    {
        metrics.Meter.CreateObservableGauge(
            "orphan_slots", () => Measure(static plan => plan.Orphans.All.Length), null,
            "Passwords whose MailDevice is gone without a revocation.");
        metrics.Meter.CreateObservableGauge(
            "retained_slots", () => Measure(static plan => plan.Retained.All.Length), null,
            "Passwords that a deletionPolicy of Retain has left.");
    }

    /// <summary>What a listing of the backend shows.</summary>
    public void Listed(string backend, UnownedPlan plan) => _plans[backend] = plan;

    /// <summary>Call this when the MailBackend is gone.</summary>
    public void Forget(string backend) => _plans.TryRemove(backend, out _);

    private IEnumerable<Measurement<int>> Measure(Func<UnownedPlan, int> count) => _plans.Select(pair =>
        new Measurement<int>(count(pair.Value), new KeyValuePair<string, object?>("backend", pair.Key)));
}
