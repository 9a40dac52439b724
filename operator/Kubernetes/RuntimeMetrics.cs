using System.Diagnostics.Metrics;

namespace MailOperator.Kubernetes;

/// <summary>Metrics of the runtime itself, named after controller-runtime's where it has them.</summary>
internal sealed class RuntimeMetrics : IDisposable
{
    public const string MeterName = "mail_operator";

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _reconcileSeconds;
    private readonly Counter<long> _reconcileErrors;
    private readonly Counter<long> _relists;
    private readonly Counter<long> _undecodable;
    private readonly Counter<long> _eventsDropped;

    public RuntimeMetrics()
    {
        _reconcileSeconds = _meter.CreateHistogram<double>("reconcile_time_seconds", "s", "Time of one reconcile.");
        _reconcileErrors = _meter.CreateCounter<long>("reconcile_errors", null, "Reconciles that failed.");
        _relists = _meter.CreateCounter<long>("informer_relists", null, "Full lists read by an informer.");
        _undecodable = _meter.CreateCounter<long>(
            "informer_undecodable_objects", null, "Objects that do not fit their type.");
        _eventsDropped = _meter.CreateCounter<long>(
            "events_dropped", null, "Events not written because of their number.");
    }

    public Meter Meter => _meter;

    public void Reconciled(string controller, TimeSpan duration) =>
        _reconcileSeconds.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("controller", controller));

    public void Failed(string controller) =>
        _reconcileErrors.Add(1, new KeyValuePair<string, object?>("controller", controller));

    public void Relisted(string kind) => _relists.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public void Undecodable(string kind) => _undecodable.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public void EventDropped() => _eventsDropped.Add(1);

    /// <summary>Publishes the depth of a controller's queue and the age of its oldest reconcile.</summary>
    public void Observe(Controller controller)
    {
        KeyValuePair<string, object?>[] tags = [new("controller", controller.Name)];
        _meter.CreateObservableGauge(
            "workqueue_depth", () => controller.Queue.ReadyCount, null, "Keys waiting for a worker.", tags);
        _meter.CreateObservableGauge(
            "workqueue_longest_running_processor_seconds",
            () => controller.LongestRunning.TotalSeconds, "s", "Age of the slowest reconcile under way.", tags);
    }

    public void Dispose() => _meter.Dispose();
}
