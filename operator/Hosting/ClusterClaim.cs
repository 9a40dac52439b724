using System.Text.Json;
using System.Threading.Channels;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Hosting;

/// <summary>
/// One operator serves a cluster. Two of them would undo each other's writes without end, because neither can prove
/// the other's Secrets. Both see the MailBackends, and no tenant can write those: the oldest names the lease of the
/// operator that serves the cluster. The claim holds as long as that lease is renewed, in whatever namespace. An
/// operator that finds another's stands back: it says so and writes nothing.
/// </summary>
internal sealed partial class ClusterClaim : ILeaderLoop
{
    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(5);

    private readonly KubernetesApi _api;
    private readonly Informer<MailBackend> _backends;
    private readonly LeaderElectionOptions _options;
    private readonly EventRecorder _events;
    private readonly TimeProvider _clock;
    private readonly ILogger<ClusterClaim> _logger;
    private readonly string _ours;
    private (string Holder, string? Version, long At)? _seen;
    private long _saidAt;

    public ClusterClaim(
        KubernetesApi api,
        Informer<MailBackend> backends,
        OwnNamespace own,
        LeaderElectionOptions options,
        EventRecorder events,
        RuntimeMetrics metrics,
        TimeProvider clock,
        ILogger<ClusterClaim> logger)
    {
        (_api, _backends, _options, _events, _clock, _logger) = (api, backends, options, events, clock, logger);
        _ours = new ObjectKey(own.Name, options.LeaseName).ToString();
        metrics.Scrape(
            "stands_back", "1 while another operator serves this cluster.", [],
            () => [new Sample(Rival is null ? 0 : 1)]);
    }

    /// <summary>The lease of the operator that serves this cluster instead, as namespace/name; else null.</summary>
    public string? Rival { get; private set; }

    /// <summary>What a probe is told while this operator stands back; else null.</summary>
    public string? Problem => Rival is null ? null : Sentence(Rival);

    /// <summary>
    /// Completes when no other operator serves the cluster, and this one says that it does. The cache of MailBackends
    /// must hold its first list.
    /// </summary>
    public async Task AcquireAsync(CancellationToken cancellationToken)
    {
        while (!await TryAsync(cancellationToken))
        {
            await Task.Delay(_options.RetryPeriod, _clock, cancellationToken);
        }
    }

    /// <summary>
    /// Claims what is new, and fails as soon as another operator serves the cluster. Asks the API server nothing while
    /// the MailBackends stay as they are.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var news = Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        _backends.Changed += Tell;
        try
        {
            while (true)
            {
                if (await TryAsync(cancellationToken))
                {
                    await news.Reader.ReadAsync(cancellationToken);
                }
                else if (Rival is { } rival)
                {
                    throw new InvalidOperationException(Sentence(rival)); // the next start stands back
                }
                else
                {
                    await Task.Delay(_options.RetryPeriod, _clock, cancellationToken);
                }
            }
        }
        finally
        {
            _backends.Changed -= Tell;
        }

        void Tell(MailBackend? before, MailBackend? after) => news.Writer.TryWrite(true);
    }

    private static string Sentence(string rival) =>
        $"The operator with the lease {rival} serves this cluster, so this one stands back and writes nothing; "
        + "uninstall one of the two";

    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            MailBackend[] backends =
            [
                .. _backends.Store.All
                    .OrderBy(static backend => backend.Metadata.CreationTimestamp)
                    .ThenBy(static backend => backend.Metadata.Name, StringComparer.Ordinal),
            ];
            if (backends.FirstOrDefault() is { } oldest && HolderOf(oldest) is { Length: > 0 } holder
                && holder != _ours && await IsAliveAsync(holder, cancellationToken))
            {
                StandBack(holder, oldest);
                return false;
            }

            foreach (MailBackend backend in backends.Where(backend => HolderOf(backend) != _ours))
            {
                await ClaimAsync(backend, cancellationToken);
            }

            Rival = null;
            return true;
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            return false; // the cache is behind, and soon is not
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && e is ApiException or HttpRequestException or IOException or OperationCanceledException or JsonException)
        {
            Log.Failed(_logger, e.Message);
            return false;
        }
    }

    private static string? HolderOf(MailBackend backend) => backend.Annotation(Annotations.ServedBy);

    // A compare-and-swap: of two that begin at once, one has the oldest and the other fails here, as it does with a
    // cache that is behind. Nobody else serves the cluster then, so a policy or a webhook that refuses the write must
    // not keep anything from ending. It is tried again at the next change.
    private async Task ClaimAsync(MailBackend backend, CancellationToken cancellationToken)
    {
        try
        {
            await _api.MergePatchAsync(ApiGroup.MailBackends, backend.Key, Claim(backend), cancellationToken);
        }
        catch (ApiException e) when (!e.IsConflict && !e.IsNotFound)
        {
            Log.NotClaimed(_logger, backend.Metadata.Name, e.Message);
        }
    }

    private byte[] Claim(MailBackend backend) => ApiJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("metadata");
        json.WriteString("resourceVersion", backend.Metadata.ResourceVersion);
        json.WriteStartObject("annotations");
        json.WriteString(Annotations.ServedBy, _ours);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    });

    // As for the leader election, the clocks of two machines are not compared: a lease has expired when no renewal was
    // seen for its duration.
    private async Task<bool> IsAliveAsync(string holder, CancellationToken cancellationToken)
    {
        string[] parts = holder.Split('/');
        if (parts.Length != 2 || await _api.FindAsync(
            ResourceType.Leases, new ObjectKey(parts[0], parts[1]), cancellationToken) is not { } found)
        {
            return false;
        }

        var lease = Lease.Parse(found);
        if (_seen is not { } seen || seen.Holder != holder || seen.Version != lease.ResourceVersion)
        {
            _seen = seen = (holder, lease.ResourceVersion, _clock.GetTimestamp());
        }

        // Also one that was given back: another replica of that release, or its next version, takes it in that time.
        return _clock.GetElapsedTime(seen.At)
            < (lease.Duration > _options.LeaseDuration ? lease.Duration : _options.LeaseDuration);
    }

    private void StandBack(string rival, MailBackend oldest)
    {
        bool isKnown = Rival == rival && _clock.GetElapsedTime(_saidAt) < Reminder;
        Rival = rival;
        if (isKnown)
        {
            return;
        }

        _saidAt = _clock.GetTimestamp();
        Log.StandsBack(_logger, Sentence(rival));
        _events.Warning(
            ApiGroup.MailBackends, oldest, Reasons.AnotherOperator,
            $"The operator in namespace {_ours.Split('/')[0]} stands back: the one with the lease {rival} serves this "
            + "cluster; uninstall one of the two");
    }

    private static partial class Log
    {
        [LoggerMessage(181, LogLevel.Error, "{Problem}")]
        public static partial void StandsBack(ILogger logger, string problem);

        [LoggerMessage(
            183, LogLevel.Warning,
            "MailBackend {Name} does not say that this operator serves the cluster, so a second one would not stand "
            + "back: {Problem}")]
        public static partial void NotClaimed(ILogger logger, string name, string problem);

        [LoggerMessage(182, LogLevel.Warning, "Failed to see which operator serves this cluster: {Problem}")]
        public static partial void Failed(ILogger logger, string problem);
    }
}
