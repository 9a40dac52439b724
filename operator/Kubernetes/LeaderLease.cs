using System.Text.Json;

namespace MailOperator.Kubernetes;

/// <summary>
/// The Lease by which one of several operators becomes the leader. Time is monotonic; a renewal is never left running;
/// once lost, the lease is not written again. Every write of the leader is a compare-and-swap, so the lease saves work
/// and is not needed for safety. The client's LeaderElector measures by the wall clock, leaves a renewal running after
/// its deadline, and does not release the lease.
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

    /// <summary>Completes when this operator is the leader.</summary>
    public async Task AcquireAsync(CancellationToken cancellationToken)
    {
        while (!await TryAcquireOrRenewAsync(cancellationToken))
        {
            await Task.Delay(options.RetryPeriod * (1 + (0.2 * random.NextDouble())), clock, cancellationToken);
        }

        Log.Acquired(logger, key, identity);
    }

    /// <summary>Returns when the lease is lost.</summary>
    /// <exception cref="OperationCanceledException">It was told to stop and still is the leader.</exception>
    public async Task RenewUntilLostAsync(CancellationToken cancellationToken)
    {
        while (IsLeader)
        {
            await Task.Delay(UntilDeadline(options.RetryPeriod), clock, cancellationToken);
            // A process that was frozen is late by now, and another may have been the leader: then it must not write.
            if (IsLeader)
            {
                await TryAcquireOrRenewAsync(cancellationToken);
            }
        }

        _isLeader = false;
        Log.Lost(logger, key, options.RenewDeadline);
    }

    /// <summary>Releases the lease so that the next leader need not wait until it expires.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        if (!IsLeader)
        {
            return;
        }

        _isLeader = false;
        try
        {
            if (await ReadAsync(cancellationToken) is { } lease && lease.Holder == identity)
            {
                lease.Release();
                await api.ReplaceAsync(ResourceType.Leases, key, lease.ToBytes(), cancellationToken);
                Log.Released(logger, key);
            }
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException or OperationCanceledException
            or JsonException)
        {
            Log.NotReleased(logger, key, e.Message);
        }
    }

    /// <summary>The time, or for a leader the time that is left until its renew deadline, if that is less.</summary>
    private TimeSpan UntilDeadline(TimeSpan time)
    {
        TimeSpan left = options.RenewDeadline - clock.GetElapsedTime(_renewedAt);
        return !_isLeader || time <= left ? time : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>
    /// One attempt. It is canceled at the renew deadline, so that no write can come after it, and earlier to leave time
    /// for another attempt.
    /// </summary>
    private async Task<bool> TryAcquireOrRenewAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(UntilDeadline(options.RenewDeadline / 2), clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        long asked = clock.GetTimestamp();
        try
        {
            if (!await WriteAsync(linked.Token))
            {
                _isLeader = false;
                return false;
            }

            _renewedAt = asked; // not later than the server's time of the write
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
            lease = Lease.New(key);
            lease.Take(identity, options.LeaseDuration, clock.GetUtcNow());
            await api.CreateAsync(ResourceType.Leases, key.Namespace, lease.ToBytes(), cancellationToken);
            return true;
        }

        string? holder = lease.Holder;
        if (_seenVersion != lease.ResourceVersion || _seenHolder != holder)
        {
            (_seenHolder, _seenVersion, _seenAt) = (holder, lease.ResourceVersion, clock.GetTimestamp());
        }

        // The holder's clock is not compared with ours: a lease has expired when no renewal was seen for its duration.
        bool isExpired = string.IsNullOrEmpty(holder) || clock.GetElapsedTime(_seenAt) >= lease.Duration;
        if (holder != identity && !isExpired)
        {
            return false;
        }

        lease.Take(identity, options.LeaseDuration, clock.GetUtcNow());
        await api.ReplaceAsync(ResourceType.Leases, key, lease.ToBytes(), cancellationToken);
        return true;
    }

    private async Task<Lease?> ReadAsync(CancellationToken cancellationToken) =>
        await api.FindAsync(ResourceType.Leases, key, cancellationToken) is { } found ? Lease.Parse(found) : null;

    private static partial class Log
    {
        [LoggerMessage(121, LogLevel.Information, "{Identity} became leader with lease {Lease}")]
        public static partial void Acquired(ILogger logger, ObjectKey lease, string identity);

        [LoggerMessage(
            122, LogLevel.Error, "Lost the lease {Lease}: not renewed within {Deadline}; this process exits")]
        public static partial void Lost(ILogger logger, ObjectKey lease, TimeSpan deadline);

        [LoggerMessage(123, LogLevel.Information, "Released lease {Lease}")]
        public static partial void Released(ILogger logger, ObjectKey lease);

        [LoggerMessage(124, LogLevel.Warning, "Failed to release lease {Lease}, which will expire: {Problem}")]
        public static partial void NotReleased(ILogger logger, ObjectKey lease, string problem);

        [LoggerMessage(125, LogLevel.Debug, "Failed to acquire or renew lease {Lease}: {Problem}")]
        public static partial void TryFailed(ILogger logger, ObjectKey lease, string problem);
    }
}
