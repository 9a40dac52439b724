using System.Collections.Concurrent;

namespace MailOperator.Kubernetes;

/// <summary>Delays by failures in a row of an item: 1 s doubling to 5 min, give or take a fifth. Thread-safe.</summary>
internal sealed class ItemBackoff<T>(Random random)
    where T : notnull
{
    public static readonly TimeSpan InitialDelay = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan MaxDelay = TimeSpan.FromMinutes(5);
    public const double Spread = 0.2;

    private readonly ConcurrentDictionary<T, int> _failures = new();

    public TimeSpan Next(T item)
    {
        int failures = _failures.AddOrUpdate(item, 0, static (_, count) => count + 1);
        return Backoff.Delay(failures, InitialDelay, MaxDelay, Spread, random.NextDouble());
    }

    public void Forget(T item) => _failures.TryRemove(item, out _);
}
