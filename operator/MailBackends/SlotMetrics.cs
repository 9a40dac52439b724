using System.Collections.Concurrent;
using MailOperator.Kubernetes;

namespace MailOperator.MailBackends;

/// <summary>Publishes how many passwords at each MailBackend have no device.</summary>
internal sealed class SlotMetrics
{
    private readonly ConcurrentDictionary<string, UnownedPlan> _plans = new(StringComparer.Ordinal);

    public SlotMetrics(RuntimeMetrics metrics)
    {
        metrics.Scrape(
            "orphan_slots", "Passwords whose MailDevice is gone without a revocation.", ["backend"],
            () => Measure(static plan => plan.Orphans.All.Length));
        metrics.Scrape(
            "retained_slots", "Passwords that a deletionPolicy of Retain has left.", ["backend"],
            () => Measure(static plan => plan.Retained.All.Length));
    }

    /// <summary>What a listing of the backend shows.</summary>
    public void Listed(string backend, UnownedPlan plan) => _plans[backend] = plan;

    /// <summary>Call this when the MailBackend is gone.</summary>
    public void Forget(string backend) => _plans.TryRemove(backend, out _);

    private IEnumerable<Sample> Measure(Func<UnownedPlan, int> count) =>
        _plans.Select(pair => new Sample(count(pair.Value), pair.Key));
}
