using System.Text.Json;
using k8s.Models;

namespace MailOperator.Kubernetes;

/// <summary>
/// Keeps an <see cref="ObjectStore{T}"/> equal to what the API server holds of one kind: lists in pages, watches
/// from there, and relists whenever the watch cannot be trusted, reporting what was deleted meanwhile. KubernetesClient
/// has no informer: its watch leaves bookmarks, relists and connections that fall silent to the caller.
/// </summary>
internal sealed partial class Informer<T>(
    KubernetesApi api,
    ResourceType type,
    Selection selection,
    InformerOptions options,
    RuntimeMetrics metrics,
    TimeProvider clock,
    Random random,
    ILogger<Informer<T>> logger) : BackgroundService, IInformer
    where T : ApiObject, new()
{
    // A stream that ends sooner and without an event is a failure, also if it was closed in good order.
    private static readonly TimeSpan MinUsefulWatch = TimeSpan.FromSeconds(1);

    private const long MaxPageLength = 16 << 20;

    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _resourceVersion;
    private long _listedAt;
    private long _heardAt = clock.GetTimestamp();
    private TimeSpan _relistAfter;
    private int? _pageSize;

    public ObjectStore<T> Store { get; } = new();

    public string Kind => type.Kind;

    public int Count => Store.Count;

    public TimeSpan Silence => clock.GetElapsedTime(Volatile.Read(ref _heardAt));

    /// <summary>
    /// Called after the store has changed, with the object before and after (null: there is none).
    /// Runs on the informer's own loop: handlers must be quick and must not throw.
    /// </summary>
    public event Action<T?, T?>? Changed;

    public bool HasSynced => _synced.Task.IsCompletedSuccessfully;

    /// <summary>Where news goes: what the first list shows is not what anybody has just changed.</summary>
    public QueueLane Lane => HasSynced ? QueueLane.Change : QueueLane.Resync;

    /// <summary>Completes once the first list is in the store.</summary>
    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _synced.Task.WaitAsync(cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var backoff = new ReconnectBackoff(random);
        while (!stoppingToken.IsCancellationRequested)
        {
            long connected = clock.GetTimestamp();
            try
            {
                await ListAndWatchAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (ApiException e) when (e.IsStaleVersion)
            {
                _resourceVersion = null;
                Log.Stale(logger, type.Plural, e.Message);
            }
            catch (JsonException e)
            {
                _resourceVersion = null; // the broken line may have been an event
                Log.Reconnecting(logger, type.Plural, e.Message);
            }
#pragma warning disable CA1031 // an informer reconnects whatever the network does
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.Reconnecting(logger, type.Plural, e.GetBaseException().Message);
            }

            await Task.Delay(backoff.Next(clock.GetElapsedTime(connected)), clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ListAndWatchAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            if (_resourceVersion is null || clock.GetElapsedTime(_listedAt) > _relistAfter)
            {
                try
                {
                    await ListAsync(stoppingToken);
                }
                catch
                {
                    _pageSize = Math.Max(1, (_pageSize ?? options.PageSize) / 4); // perhaps it took too long
                    throw;
                }
            }

            await WatchAsync(stoppingToken);
        }
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        string? next = null;
        string resourceVersion = "";
        var listed = new HashSet<ObjectKey>();
        do
        {
            int before = listed.Count;
            ListPosition position = await api.ReadPageAsync(
                type, selection, _pageSize ?? options.PageSize, next,
                item =>
                {
                    if (Decode(item) is { } decoded)
                    {
                        listed.Add(decoded.Key);
                        Apply(decoded);
                    }
                },
                cancellationToken);
            (resourceVersion, next) = (position.ResourceVersion, position.Continue);
            FitPage(position.Length, listed.Count - before);
        }
        while (next is not null);

        foreach (ObjectKey key in Store.KeysMissingFrom(listed))
        {
            Remove(key);
        }

        _resourceVersion = resourceVersion;
        _listedAt = _heardAt = clock.GetTimestamp();
        _relistAfter = options.RelistInterval * (0.9 + (0.2 * random.NextDouble()));
        metrics.Relisted(type.Kind);
        // The first one is news; later ones come by the clock.
        Log.Listed(
            logger, HasSynced ? LogLevel.Debug : LogLevel.Information, listed.Count, type.Plural, resourceVersion);
        _synced.TrySetResult();
    }

    // Objects have any size: the server holds a page in memory, and the network needs time for it.
    private void FitPage(long length, int count) =>
        _pageSize = (int)Math.Clamp(
            MaxPageLength / ((Math.Max(length, 1) / Math.Max(count, 1)) + 1), 1, options.PageSize);

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        TimeSpan timeout = options.MinWatchTimeout
            + ((options.MaxWatchTimeout - options.MinWatchTimeout) * random.NextDouble());
        using var silence = new CancellationTokenSource(options.IdleTimeout, clock);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, silence.Token);
        long opened = clock.GetTimestamp();
        bool isSilent = true;
        try
        {
            await foreach (WatchEvent change in api.WatchAsync(
                type, selection, _resourceVersion!, timeout, ended.Token))
            {
                isSilent = false;
                _heardAt = clock.GetTimestamp();
                silence.CancelAfter(options.IdleTimeout);
                Handle(change);
            }
        }
        catch (OperationCanceledException)
            when (silence.IsCancellationRequested && !stoppingToken.IsCancellationRequested)
        {
            // Only silence tells of a peer that died: a live server sends a bookmark each minute.
            throw new TimeoutException($"The watch of {type.Plural} was silent for {options.IdleTimeout}.");
        }

        if (isSilent && clock.GetElapsedTime(opened) < MinUsefulWatch)
        {
            throw new IOException($"The watch of {type.Plural} ended as soon as it began.");
        }
    }

    private void Handle(WatchEvent change)
    {
        if (change.Type == "ERROR")
        {
            _resourceVersion = null;
            throw ApiStatus.FromEvent(type, change.Object);
        }

        if (change.Type == "BOOKMARK")
        {
            _resourceVersion = change.Object.GetProperty("metadata").GetProperty("resourceVersion").GetString();
            return;
        }

        if (Decode(change.Object) is not { } decoded)
        {
            return;
        }

        // Versions are opaque: the last one that the server sent counts, and none are compared.
        _resourceVersion = decoded.Metadata.ResourceVersion;
        if (change.Type == "DELETED")
        {
            Remove(decoded.Key);
        }
        else
        {
            Apply(decoded);
        }
    }

    private void Apply(T value)
    {
        T? before = Store.Put(value);
        if (before?.Metadata.ResourceVersion == value.Metadata.ResourceVersion
            && before?.Metadata.Uid == value.Metadata.Uid)
        {
            return; // a relist of an unchanged object
        }

        Changed?.Invoke(before, value);
    }

    private void Remove(ObjectKey key)
    {
        if (Store.TryRemove(key, out T? before))
        {
            Changed?.Invoke(before, null);
        }
    }

    private T? Decode(JsonElement element)
    {
        bool hasLabels = typeof(T) == typeof(NamespaceMetadata);
        if (ObjectDecoder.Metadata(element, hasLabels, out string? problem) is not { } metadata)
        {
            metrics.Undecodable(type.Kind);
            Log.Undecodable(logger, type.Plural, problem!);
            return null;
        }

        T value = DecodeTyped(element, metadata);
        value.Metadata = metadata;
        return value;
    }

    private T DecodeTyped(JsonElement element, V1ObjectMeta metadata)
    {
        if (selection.MetadataOnly)
        {
            return new T();
        }

        T value = ObjectDecoder.Decode<T>(element);
        if (value.DecodeError is { } error)
        {
            metrics.Undecodable(type.Kind);
            Log.Undecodable(logger, type.Plural, $"{ObjectKey.Of(metadata)}: {error}");
        }

        return value;
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 111, Message = "Listed {Count} {Kind} at {ResourceVersion}")]
        public static partial void Listed(
            ILogger logger, LogLevel level, int count, string kind, string resourceVersion);

        [LoggerMessage(112, LogLevel.Information, "Relisting {Kind}: {Problem}")]
        public static partial void Stale(ILogger logger, string kind, string problem);

        [LoggerMessage(113, LogLevel.Warning, "Reconnecting watch of {Kind}: {Problem}")]
        public static partial void Reconnecting(ILogger logger, string kind, string problem);

        [LoggerMessage(114, LogLevel.Error, "Failed to decode one of the {Kind}: {Problem}")]
        public static partial void Undecodable(ILogger logger, string kind, string problem);
    }
}
