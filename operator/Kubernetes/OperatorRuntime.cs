namespace MailOperator.Kubernetes;

/// <summary>
/// Runs controllers and loops while this process is the leader: waits for the caches, then for the lease, works, and on
/// the way out stops taking work, lets what is under way end, and releases the lease last. A controller or loop that
/// fails ends the process in the same order. The generic host starts and stops services but knows no leader.
/// </summary>
internal sealed partial class OperatorRuntime(
    IReadOnlyList<Controller> controllers,
    IReadOnlyList<Func<CancellationToken, Task>> loops,
    Func<CancellationToken, Task> waitForSync,
    Func<CancellationToken, Task> prepare,
    LeaderLease? lease,
    Action lostLease,
    ILogger<OperatorRuntime> logger) : BackgroundService
{
    /// <summary>Time for what is under way at a stop; Kubernetes kills the pod after 30 s.</summary>
    public static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(20);

    public IReadOnlyList<Controller> Controllers => controllers;

    /// <summary>Whether the caches hold a first full list, also on followers.</summary>
    public bool IsSynced { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped before it was the leader.
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        await waitForSync(stoppingToken);
        IsSynced = true;
        if (lease is null)
        {
            await prepare(stoppingToken);
            await WorkAsync(stoppingToken);
            return;
        }

        await lease.AcquireAsync(stoppingToken);
        using var worked = new CancellationTokenSource();
        Task renewing = RenewAsync(lease, worked.Token);
        try
        {
            await prepare(stoppingToken);
            await WorkAsync(stoppingToken);
        }
        finally
        {
            await worked.CancelAsync();
            await renewing;
            using var patience = new CancellationTokenSource(GracePeriod / 4);
            await lease.ReleaseAsync(patience.Token);
        }
    }

    private async Task RenewAsync(LeaderLease acquired, CancellationToken worked)
    {
        bool hasStopped = false;
        try
        {
            await acquired.RenewUntilLostAsync(worked);
        }
        catch (OperationCanceledException) when (worked.IsCancellationRequested)
        {
            hasStopped = true; // in good order: the lease is released after the last write
        }
        finally
        {
            if (!hasStopped)
            {
                lostLease(); // also after an unexpected exception, because nothing renews the lease any more
            }
        }
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        using var abandon = new CancellationTokenSource();
        await using CancellationTokenRegistration limit = stop.Token.Register(
            static source => ((CancellationTokenSource)source!).CancelAfter(GracePeriod), abandon);
        Log.Starting(logger, controllers.Count);
        await Task.WhenAll(
        [
            .. controllers.Select(
                controller => RunPartAsync(() => controller.RunAsync(stop.Token, abandon.Token), stop)),
            .. loops.Select(loop => RunPartAsync(() => loop(stop.Token), stop)),
        ]);
        Log.Stopped(logger);
    }

    /// <summary>Runs a controller or a loop; if it fails, all others stop.</summary>
    private static async Task RunPartAsync(Func<Task> run, CancellationTokenSource stop)
    {
        try
        {
            await run();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // It ended because it was told to.
        }
        catch
        {
            await stop.CancelAsync(); // the failure of a background service makes the host end the process
            throw;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(141, LogLevel.Information, "Starting {Count} controllers")]
        public static partial void Starting(ILogger logger, int count);

        [LoggerMessage(142, LogLevel.Information, "All workers stopped")]
        public static partial void Stopped(ILogger logger);
    }
}
