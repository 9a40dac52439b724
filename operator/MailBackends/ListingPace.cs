using System.Collections.Concurrent;
using MailOperator.Reporting;

namespace MailOperator.MailBackends;

/// <summary>
/// How soon a MailBackend is looked at again because devices came or went. Each look lists all of its slots: during a
/// burst that must not cost more than a small part of the time, however many there are.
/// </summary>
internal sealed class ListingPace(TimeProvider clock)
{
    /// <summary>A look may take one part in so many of the time.</summary>
    private const int OneIn = 50;

    private readonly ConcurrentDictionary<string, TimeSpan> _took = new(StringComparer.Ordinal);

    /// <summary>Takes the time of a look.</summary>
    public async Task<T> MeasureAsync<T>(string backend, Func<Task<T>> look)
    {
        long started = clock.GetTimestamp();
        T result = await look();
        _took[backend] = clock.GetElapsedTime(started);
        return result;
    }

    /// <summary>Call this when the MailBackend is gone.</summary>
    public void Forget(string backend) => _took.TryRemove(backend, out _);

    /// <summary>How long to wait after a change; at most until the regular look.</summary>
    public TimeSpan DelayOf(string backend)
    {
        TimeSpan delay = _took.GetValueOrDefault(backend) * OneIn;
        return delay < InUseFinalizer.CountDelay ? InUseFinalizer.CountDelay
            : delay > MailBackendReconciler.ProbeInterval ? MailBackendReconciler.ProbeInterval
            : delay;
    }
}
