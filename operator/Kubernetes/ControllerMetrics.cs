using Prometheus;

namespace MailOperator.Kubernetes;

/// <summary>How a reconcile ended; the names are controller-runtime's.</summary>
internal enum ReconcileEnd
{
    Success,

    /// <summary>To be done again after a time.</summary>
    RequeueAfter,

    /// <summary>Another writer was first; to be done again.</summary>
    Requeue,

    Error,
}

/// <summary>The metrics of all controllers and their queues.</summary>
internal sealed class ControllerInstruments(MetricFactory factory)
{
    /// <summary>Upper bounds of times, from milliseconds to beyond the deadline of a reconcile.</summary>
    public static readonly double[] Seconds =
        [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60];

    // A key may wait long: behind ten thousand others, or for a leader.
    private static readonly double[] WaitSeconds =
        [0.001, 0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];

    private static readonly string[] OfQueue = ["name", "controller"];

    public Counter Total { get; } = factory.CreateCounter(
        "controller_runtime_reconcile_total", "Reconciles, by how they ended.", "controller", "result");

    public Counter Errors { get; } = factory.CreateCounter(
        "controller_runtime_reconcile_errors_total", "Reconciles that failed.", "controller");

    public Histogram Time { get; } = factory.CreateHistogram(
        "controller_runtime_reconcile_time_seconds", "Time of one reconcile.", ["controller"],
        new HistogramConfiguration { Buckets = Seconds });

    public Counter Adds { get; } = factory.CreateCounter("workqueue_adds_total", "Keys added to the queue.", OfQueue);

    public Counter Retries { get; } = factory.CreateCounter(
        "workqueue_retries_total", "Keys added again because a reconcile failed.", OfQueue);

    public Histogram Wait { get; } = factory.CreateHistogram(
        "workqueue_queue_duration_seconds", "How long a key waited for a worker.", OfQueue,
        new HistogramConfiguration { Buckets = WaitSeconds });

    public Histogram Work { get; } = factory.CreateHistogram(
        "workqueue_work_duration_seconds", "How long a worker held a key.", OfQueue,
        new HistogramConfiguration { Buckets = Seconds });
}

/// <summary>What one controller counts. All of it is there from the start, at zero.</summary>
internal sealed class ControllerMetrics(ControllerInstruments all, string controller)
{
    private readonly Counter.Child[] _ends =
    [
        .. new[] { "success", "requeue_after", "requeue", "error" }
            .Select(result => all.Total.WithLabels(controller, result)),
    ];

    private readonly Counter.Child _errors = all.Errors.WithLabels(controller);
    private readonly Histogram.Child _time = all.Time.WithLabels(controller);
    private readonly Counter.Child _adds = all.Adds.WithLabels(controller, controller);
    private readonly Counter.Child _retries = all.Retries.WithLabels(controller, controller);
    private readonly Histogram.Child _wait = all.Wait.WithLabels(controller, controller);
    private readonly Histogram.Child _work = all.Work.WithLabels(controller, controller);

    public void Added() => _adds.Inc();

    public void Taken(TimeSpan waited) => _wait.Observe(waited.TotalSeconds);

    public void Reconciled(TimeSpan duration)
    {
        _time.Observe(duration.TotalSeconds);
        _work.Observe(duration.TotalSeconds);
    }

    public void Ended(ReconcileEnd end)
    {
        _ends[(int)end].Inc();
        if (end is ReconcileEnd.Error)
        {
            _errors.Inc();
        }

        if (end is ReconcileEnd.Error or ReconcileEnd.Requeue)
        {
            _retries.Inc();
        }
    }
}
