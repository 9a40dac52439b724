using System.Text.Json;

namespace MailOperator.Kubernetes;

/// <summary>
/// Tells which Secrets of others change, and keeps nothing: a password's source, a Secret that is in the way or
/// the credentials of a MailBackend may be any of them, and an informer would hold every Secret of the cluster.
/// What changes while it is not connected is seen at the next regular look.
/// </summary>
internal sealed partial class SecretFeed(
    KubernetesApi api,
    Selection selection,
    InformerOptions options,
    TimeProvider clock,
    Random random,
    ILogger<SecretFeed> logger) : BackgroundService
{
    private string? _resourceVersion;

    /// <summary>
    /// Called with each Secret that was created, changed or deleted, on the feed's own loop: handlers must be quick and
    /// must not throw.
    /// </summary>
    public event Action<ObjectKey>? Changed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var backoff = new ReconnectBackoff(random);
        while (!stoppingToken.IsCancellationRequested)
        {
            long connected = clock.GetTimestamp();
            try
            {
                await WatchAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // a feed reconnects whatever the network does
            catch (Exception e)
#pragma warning restore CA1031
            {
                _resourceVersion = null;
                Log.Reconnecting(logger, e.GetBaseException().Message);
            }

            await Task.Delay(backoff.Next(clock.GetElapsedTime(connected)), clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        _resourceVersion ??= await NowAsync(stoppingToken);
        TimeSpan timeout = options.MinWatchTimeout
            + ((options.MaxWatchTimeout - options.MinWatchTimeout) * random.NextDouble());
        using var silence = new CancellationTokenSource(options.IdleTimeout, clock);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, silence.Token);
        await foreach (WatchEvent change in api.WatchAsync(
            ResourceType.Secrets, selection, _resourceVersion, timeout, ended.Token))
        {
            silence.CancelAfter(options.IdleTimeout);
            if (change.Type == "ERROR")
            {
                throw ApiStatus.FromEvent(ResourceType.Secrets, change.Object);
            }

            JsonElement metadata = change.Object.GetProperty("metadata");
            _resourceVersion = metadata.GetProperty("resourceVersion").GetString();
            if (change.Type != "BOOKMARK")
            {
                Changed?.Invoke(new ObjectKey(
                    metadata.GetProperty("namespace").GetString()!, metadata.GetProperty("name").GetString()!));
            }
        }
    }

    // One object is enough to learn the version that a watch may begin with.
    private async Task<string> NowAsync(CancellationToken cancellationToken)
    {
        using JsonDocument page = await api.ListPageAsync(
            ResourceType.Secrets, selection, limit: 1, continueToken: null, cancellationToken);
        return page.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
    }

    private static partial class Log
    {
        [LoggerMessage(115, LogLevel.Warning, "Reconnecting watch of the names of Secrets: {Problem}")]
        public static partial void Reconnecting(ILogger logger, string problem);
    }
}
