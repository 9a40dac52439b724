using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Backends;

/// <summary>Holds one running backend per MailBackend, and replaces it when its settings change.</summary>
internal sealed class BackendRegistry(
    IReadOnlyList<IMailBackendDriver> drivers,
    int workers,
    BackendMetrics metrics,
    TimeProvider clock) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Entry> _backends = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    // Asked for several times in each pass over a device. A watched spec never changes.
    private readonly ConditionalWeakTable<MailBackendSpec, string> _fingerprints = [];

    /// <summary>The keys of the drivers in a spec.</summary>
    public IEnumerable<string> Drivers => drivers.Select(static driver => driver.Key);

    /// <summary>What drivers find wrong with the backend's spec; empty if nothing.</summary>
    public IReadOnlyList<string> Validate(MailBackendSpec spec)
    {
        List<IMailBackendDriver> named = [.. drivers.Where(driver => driver.SpecOf(spec) is not null)];
        return named.Count == 1
            ? [.. named[0].Validate(spec)]
            : ["spec must hold exactly one of the backend drivers: "
                + $"{string.Join(", ", Drivers)}"];
    }

    /// <summary>
    /// The servers that mail clients use: <c>spec.client</c>, else those that the driver knows. It may name none.
    /// </summary>
    public ClientSpec ClientOf(MailBackendSpec spec) =>
        spec.Client
        ?? drivers.FirstOrDefault(driver => driver.SpecOf(spec) is not null)?.PublicClient
        ?? new ClientSpec();

    /// <summary>Whether two specs have the same settings of a driver, so that they lead to the same store.</summary>
    public bool IsSameStore(MailBackendSpec one, MailBackendSpec other) =>
        drivers.FirstOrDefault(driver => driver.SpecOf(one) is not null) is { } driver
        && driver.SpecOf(other) is not null
        && Fingerprint(one) == Fingerprint(other);

    /// <summary>The backend for a valid spec.</summary>
    public IMailBackend Get(MailBackend backend) => GetGuarded(backend);

    /// <summary>The backend for one mailbox, given in lower case.</summary>
    public IMailBackend Get(MailBackend backend, string mailbox) => GetGuarded(backend).For(mailbox);

    /// <summary>The logins that the backend of this name tells; null if it is not running yet or tells none.</summary>
    public IDeviceUses? UsesOf(string name) =>
        _backends.TryGetValue(name, out Entry? entry) ? entry.Guarded.Uses : null;

    public void Remove(string name)
    {
        if (_backends.TryRemove(name, out Entry? entry))
        {
            entry.Retire();
            metrics.Forget(name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Entry entry in _backends.Values)
        {
            await entry.DisposeAsync();
        }
    }

    private GuardedBackend GetGuarded(MailBackend backend)
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
            int maxConcurrentCalls = Math.Max(1, workers * 3 / 4); // leaves a quarter of the workers to other backends
            var entry = new Entry(
                fingerprint,
                made,
                new GuardedBackend(backend.Metadata.Name, made, maxConcurrentCalls, metrics, clock));
            _backends[backend.Metadata.Name] = entry;
            known?.Retire();
            return entry.Guarded;
        }
    }

    private string Fingerprint(MailBackendSpec spec) => _fingerprints.GetValue(
        spec,
        made => Encoding.UTF8.GetString(ApiJson.Write(json =>
            ApiJson.Write(json, drivers.Select(driver => driver.SpecOf(made)).OfType<object>().First()))));

    private sealed record Entry(string Fingerprint, IMailBackend Backend, GuardedBackend Guarded) : IAsyncDisposable
    {
        /// <summary>Disposes it in the background; callers that still use it are told to try again.</summary>
        public void Retire() => _ = DisposeAsync().AsTask();

        public ValueTask DisposeAsync() =>
            Backend is IAsyncDisposable disposable ? disposable.DisposeAsync() : ValueTask.CompletedTask;
    }
}
