using System.Collections.Concurrent;

namespace MailOperator.Kubernetes;

/// <summary>
/// Takes keys from a queue and reconciles them. A failed key is requeued with backoff. KubernetesClient has neither
/// queue nor controller; KubeOps hands objects and not keys to reconcilers, and by default ignores changes of
/// annotations.
/// </summary>
internal sealed partial class Controller(
    string name,
    WorkQueue<ObjectKey> queue,
    IReconciler reconciler,
    ControllerOptions options,
    ItemBackoff<ObjectKey> backoff,
    RuntimeMetrics metrics,
    TimeProvider clock,
    ILogger<Controller> logger)
{
    private readonly ConcurrentDictionary<ObjectKey, long> _running = new();
    private readonly ControllerMetrics _metrics = Measure(metrics.Of(name), queue);

    public string Name => name;

    public WorkQueue<ObjectKey> Queue => queue;

    /// <summary>Age of the oldest reconcile under way; zero if there is none.</summary>
    public TimeSpan LongestRunning =>
        clock.GetElapsedTime(_running.Select(static pair => pair.Value).DefaultIfEmpty(clock.GetTimestamp()).Min());

    /// <summary>Ages of all reconciles under way, together.</summary>
    public TimeSpan UnfinishedWork => _running.Aggregate(
        TimeSpan.Zero, (sum, pair) => sum + clock.GetElapsedTime(pair.Value));

    public int Running => _running.Count;

    public int Workers => options.Workers;

    public bool HasIdleWorker => _running.Count < options.Workers;

    /// <summary>False on a follower, which only queues keys.</summary>
    public bool IsWorking { get; private set; }

    /// <summary>
    /// Takes keys until <paramref name="stopTaking"/>. Reconciles under way then run until they end or until
    /// <paramref name="abandon"/>, whichever is first.
    /// </summary>
    public async Task RunAsync(CancellationToken stopTaking, CancellationToken abandon)
    {
        IsWorking = true;
        await Task.WhenAll(Enumerable.Range(0, options.Workers).Select(_ => WorkAsync(stopTaking, abandon)));
        IsWorking = false;
    }

    /// <summary>Takes one key, reconciles it, and requeues it if it is due again.</summary>
    internal async Task ProcessNextAsync(CancellationToken stopTaking, CancellationToken abandon)
    {
        ObjectKey key = await queue.TakeAsync(stopTaking);
        long started = clock.GetTimestamp();
        _running[key] = started;
        try
        {
            await ReconcileAsync(key, abandon);
        }
        finally
        {
            _running.TryRemove(key, out _);
            _metrics.Reconciled(clock.GetElapsedTime(started));
            queue.Done(key);
        }
    }

    private async Task WorkAsync(CancellationToken stopTaking, CancellationToken abandon)
    {
        await Task.Yield();
        while (!stopTaking.IsCancellationRequested)
        {
            try
            {
                await ProcessNextAsync(stopTaking, abandon);
            }
            catch (OperationCanceledException)
                when (stopTaking.IsCancellationRequested || abandon.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task ReconcileAsync(ObjectKey key, CancellationToken abandon)
    {
        using IDisposable? scope = logger.BeginScope(
            new Dictionary<string, object>
            {
                ["controller"] = name,
                ["namespace"] = key.Namespace,
                ["name"] = key.Name,
            });
        using var deadline = new CancellationTokenSource(options.ReconcileTimeout, clock);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(abandon, deadline.Token);
        try
        {
            ReconcileResult result = await reconciler.ReconcileAsync(key, timeout.Token);
            backoff.Forget(key);
            _metrics.Ended(result.RequeueAfter is null ? ReconcileEnd.Success : ReconcileEnd.RequeueAfter);
            if (result.RequeueAfter is { } delay)
            {
                queue.AddAfter(key, delay, QueueLane.Resync); // changes that people make go first
            }
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            throw;
        }
        catch (ApiException e) when (e.IsConflict)
        {
            // Another writer was first. The watch requeues the key when it brings that write; the retry is for a write
            // that it has brought already.
            queue.AddAfter(key, backoff.Next(key));
            _metrics.Ended(ReconcileEnd.Requeue);
            Log.Conflict(logger, name, key, e.Message);
        }
#pragma warning disable CA1031 // a worker must outlive whatever a reconciler throws
        catch (Exception e)
#pragma warning restore CA1031
        {
            TimeSpan delay = backoff.Next(key);
            queue.AddAfter(key, delay);
            _metrics.Ended(ReconcileEnd.Error);
            string problem = e is OperationCanceledException
                ? $"not finished within {options.ReconcileTimeout}"
                : e.Message;
            Log.Failed(logger, name, key, delay, problem, e);
        }
    }

    private static ControllerMetrics Measure(ControllerMetrics metrics, WorkQueue<ObjectKey> queue)
    {
        (queue.Added, queue.Taken) = (metrics.Added, metrics.Taken);
        return metrics;
    }

    private static partial class Log
    {
        [LoggerMessage(
            101, LogLevel.Warning, "Reconcile failed: {Controller} {Object} is requeued after {Delay}: {Problem}")]
        public static partial void Failed(
            ILogger logger, string controller, ObjectKey @object, TimeSpan delay, string problem, Exception exception);

        [LoggerMessage(103, LogLevel.Debug, "Reconcile conflict: {Controller} {Object} is requeued: {Problem}")]
        public static partial void Conflict(ILogger logger, string controller, ObjectKey @object, string problem);
    }
}
