using System.Collections.Concurrent;
using System.Text;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Backends;

/// <summary>Holds one running backend per MailBackend, and makes it anew when its settings change.</summary>
internal sealed class BackendRegistry(IReadOnlyList<IMailBackendDriver> drivers, int workers, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>Passwords per minute and backend that nobody asked for: Secrets that were edited or deleted.</summary>
    public const int MaxRepairsPerMinute = 60;

    private readonly ConcurrentDictionary<string, Entry> _backends = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TokenBucket> _repairs = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>What is wrong with the backend's spec as far as drivers can tell; empty if nothing.</summary>
    public IReadOnlyList<string> Validate(MailBackendSpec spec)
    {
        List<IMailBackendDriver> named = [.. drivers.Where(driver => driver.SpecOf(spec) is not null)];
        return named.Count == 1
            ? [.. named[0].Validate(spec)]
            : ["spec must hold exactly one of the backend drivers: passwdFile"];
    }

    /// <summary>The backend that a valid spec describes.</summary>
    public IMailBackend Get(MailBackend backend)
    {
        string fingerprint = Fingerprint(backend.Spec);
        if (_backends.TryGetValue(backend.Metadata.Name, out Entry? known) && known.Fingerprint == fingerprint)
        {
            return known.Guarded;
        }

        lock (_gate)
        {
            if (_backends.TryGetValue(backend.Metadata.Name, out known) && known.Fingerprint == fingerprint)
            {
                return known.Guarded;
            }

            IMailBackend made = drivers.Single(driver => driver.SpecOf(backend.Spec) is not null).Create(backend.Spec);
            // A quarter of the workers is always left for other backends.
            var entry = new Entry(fingerprint, made, new GuardedBackend(backend.Metadata.Name, made, Math.Max(1, workers * 3 / 4), clock));
            _backends[backend.Metadata.Name] = entry;
            known?.Retire();
            return entry.Guarded;
        }
    }

    /// <summary>
    /// Counts a password that replaces one because its Secret was edited or deleted. Whoever may write Secrets could
    /// otherwise have the backend written as often as they like.
    /// </summary>
    public void CountRepair(string name)
    {
        TokenBucket bucket = _repairs.GetOrAdd(
            name, static (_, clock) => new TokenBucket(MaxRepairsPerMinute, TimeSpan.FromMinutes(1) / MaxRepairsPerMinute, clock), clock);
        if (!bucket.TryTake(out TimeSpan wait))
        {
            throw new MailBackendException(
                BackendFailure.Busy, $"MailBackend '{name}' had {MaxRepairsPerMinute} passwords replaced within a minute.") { RetryAfter = wait };
        }
    }

    public void Remove(string name)
    {
        _repairs.TryRemove(name, out _);
        if (_backends.TryRemove(name, out Entry? entry))
        {
            entry.Retire();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Entry entry in _backends.Values)
        {
            await entry.DisposeAsync();
        }
    }

    private string Fingerprint(MailBackendSpec spec) => Encoding.UTF8.GetString(ApiJson.Serialize(
        drivers.Select(driver => driver.SpecOf(spec)).OfType<object>().First()));

    private sealed record Entry(string Fingerprint, IMailBackend Backend, IMailBackend Guarded) : IAsyncDisposable
    {
        /// <summary>Ends in the background; whoever still calls it is told to try again.</summary>
        public void Retire() => _ = DisposeAsync().AsTask();

        public ValueTask DisposeAsync() => Backend is IAsyncDisposable disposable ? disposable.DisposeAsync() : ValueTask.CompletedTask;
    }
}
