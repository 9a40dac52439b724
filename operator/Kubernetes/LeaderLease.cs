using System.Text.Json;
using k8s;
using k8s.Models;

namespace MailOperator.Kubernetes;

/// <summary>
/// Holds the Lease that lets one of several operators act. Time is monotonic; a renewal is never left running;
/// once the lease is lost it is not written again. What the leader does is safe without it: the lease only saves work.
/// </summary>
internal sealed partial class LeaderLease(
    KubernetesApi api,
    LeaderElectionOptions options,
    ObjectKey key,
    string identity,
    TimeProvider clock,
    Random random,
    ILogger<LeaderLease> logger)
{
    private string? _seenHolder;
    private string? _seenVersion;
    private long _seenAt;
    private long _renewedAt;
    private bool _isLeader;

    /// <summary>True only while the last confirmed renewal is younger than the deadline.</summary>
    public bool IsLeader => _isLeader && clock.GetElapsedTime(_renewedAt) < options.RenewDeadline;

    /// <summary>Waits until this operator is the leader.</summary>
    public async Task AcquireAsync(CancellationToken cancellationToken)
    {
        while (!await TryAcquireOrRenewAsync(cancellationToken))
        {
            await Task.Delay(options.RetryPeriod * (1 + (0.2 * random.NextDouble())), clock, cancellationToken);
        }

        Log.Acquired(logger, key, identity);
    }

    /// <summary>Renews until the lease is lost (returns) or it is time to stop (throws).</summary>
    public async Task RenewUntilLostAsync(CancellationToken cancellationToken)
    {
        while (IsLeader)
        {
            await Task.Delay(AtMost(options.RetryPeriod), clock, cancellationToken);
            // A process that was frozen is late by now, and another may have led meanwhile: then nothing is written.
            if (IsLeader)
            {
                await TryAcquireOrRenewAsync(cancellationToken);
            }
        }

        _isLeader = false;
        Log.Lost(logger, key, options.RenewDeadline);
    }

    /// <summary>Gives the lease back so that the next leader need not wait for it to run out.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        if (!IsLeader)
        {
            return;
        }

        _isLeader = false;
        try
        {
            if (await ReadAsync(cancellationToken) is { } lease && lease.Spec?.HolderIdentity == identity)
            {
                lease.Spec.HolderIdentity = "";
                lease.Spec.LeaseDurationSeconds = 1;
                await api.ReplaceAsync(ResourceType.Leases, key, Bytes(lease), cancellationToken);
                Log.Released(logger, key);
            }
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException or OperationCanceledException or JsonException)
        {
            Log.NotReleased(logger, key, e.Message);
        }
    }

    /// <summary>The time, or what is left until the lease that is held must be counted as lost.</summary>
    private TimeSpan AtMost(TimeSpan time)
    {
        TimeSpan left = options.RenewDeadline - clock.GetElapsedTime(_renewedAt);
        return !_isLeader || time <= left ? time : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>One try, cut short at the deadline so that no late write can follow it, and before it for another try.</summary>
    private async Task<bool> TryAcquireOrRenewAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(AtMost(options.RenewDeadline / 2), clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        long asked = clock.GetTimestamp();
        try
        {
            if (!await WriteAsync(linked.Token))
            {
                _isLeader = false;
                return false;
            }

            _renewedAt = asked; // the server's time of the write is not earlier than this
            _isLeader = true;
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && e is ApiException or HttpRequestException or IOException or OperationCanceledException or JsonException)
        {
            Log.TryFailed(logger, key, e.Message);
            return false;
        }
    }

    private async Task<bool> WriteAsync(CancellationToken cancellationToken)
    {
        if (await ReadAsync(cancellationToken) is not { } lease)
        {
            var created = new V1Lease
            {
                ApiVersion = ResourceType.Leases.ApiVersion,
                Kind = ResourceType.Leases.Kind,
                Metadata = new V1ObjectMeta { Name = key.Name, NamespaceProperty = key.Namespace },
                Spec = Held(transitions: 0, acquired: clock.GetUtcNow().UtcDateTime),
            };
            await api.CreateAsync(ResourceType.Leases, key.Namespace, Bytes(created), cancellationToken);
            return true;
        }

        string? holder = lease.Spec?.HolderIdentity;
        if (_seenVersion != lease.Metadata.ResourceVersion || _seenHolder != holder)
        {
            (_seenHolder, _seenVersion, _seenAt) = (holder, lease.Metadata.ResourceVersion, clock.GetTimestamp());
        }

        bool isOurs = holder == identity;
        // The holder's clock is not compared with ours: a lease has run out when it has not moved for its duration here.
        bool hasRunOut = string.IsNullOrEmpty(holder)
            || clock.GetElapsedTime(_seenAt) >= TimeSpan.FromSeconds(lease.Spec?.LeaseDurationSeconds ?? 0);
        if (!isOurs && !hasRunOut)
        {
            return false;
        }

        int transitions = (lease.Spec?.LeaseTransitions ?? 0) + (isOurs ? 0 : 1);
        DateTime acquired = isOurs && lease.Spec?.AcquireTime is { } since ? since : clock.GetUtcNow().UtcDateTime;
        lease.Spec = Held(transitions, acquired);
        await api.ReplaceAsync(ResourceType.Leases, key, Bytes(lease), cancellationToken);
        return true;
    }

    private V1LeaseSpec Held(int transitions, DateTime acquired) => new()
    {
        HolderIdentity = identity,
        LeaseDurationSeconds = (int)Math.Ceiling(options.LeaseDuration.TotalSeconds),
        AcquireTime = acquired,
        RenewTime = clock.GetUtcNow().UtcDateTime,
        LeaseTransitions = transitions,
    };

    private async Task<V1Lease?> ReadAsync(CancellationToken cancellationToken) =>
        await api.FindAsync(ResourceType.Leases, key, cancellationToken) is { } bytes
            ? KubernetesJson.Deserialize<V1Lease>(System.Text.Encoding.UTF8.GetString(bytes))
            : null;

    private static byte[] Bytes(V1Lease lease) => System.Text.Encoding.UTF8.GetBytes(KubernetesJson.Serialize(lease));

    private static partial class Log
    {
        [LoggerMessage(121, LogLevel.Information, "Leading: {Lease} is held by {Identity}")]
        public static partial void Acquired(ILogger logger, ObjectKey lease, string identity);

        [LoggerMessage(122, LogLevel.Error, "Lease {Lease} could not be renewed for {Deadline}; this process ends")]
        public static partial void Lost(ILogger logger, ObjectKey lease, TimeSpan deadline);

        [LoggerMessage(123, LogLevel.Information, "Lease {Lease} given back")]
        public static partial void Released(ILogger logger, ObjectKey lease);

        [LoggerMessage(124, LogLevel.Warning, "Lease {Lease} was not given back and will run out: {Problem}")]
        public static partial void NotReleased(ILogger logger, ObjectKey lease, string problem);

        [LoggerMessage(125, LogLevel.Debug, "Lease {Lease}: {Problem}")]
        public static partial void TryFailed(ILogger logger, ObjectKey lease, string problem);
    }
}
