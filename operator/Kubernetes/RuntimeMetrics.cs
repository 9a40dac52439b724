using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;
using Prometheus;

namespace MailOperator.Kubernetes;

/// <summary>
/// The metrics of this process and those of the runtime itself, under controller-runtime's names where the meaning is
/// the same. A registry of its own: that of Prometheus' client also publishes every meter of .NET, six hundred samples
/// that nobody asked for, and its adapter exports neither names nor tags as they are.
/// </summary>
internal sealed class RuntimeMetrics
{
    private const string Own = "mail_operator_";

    private readonly ConcurrentQueue<Controller> _controllers = new();
    private readonly ConcurrentQueue<IInformer> _informers = new();
    private readonly ConcurrentQueue<ScrapedGauge> _scraped = new();
    private readonly Lock _scrape = new(); // two scrapes at once would take out each other's labels
    private readonly ControllerInstruments _controllerInstruments;
    private readonly Counter _relists;
    private readonly Counter _undecodable;
    private readonly Counter _eventsDropped;

    public RuntimeMetrics()
    {
        Registry = Metrics.NewCustomRegistry();
        Factory = Metrics.WithCustomRegistry(Registry);
        DotNetStats.Register(Registry);
        Registry.AddBeforeCollectCallback(Collect);
        _controllerInstruments = new ControllerInstruments(Factory);
        Requests = Factory.CreateCounter(
            "rest_client_requests_total", "Requests to the API server, by status code, method and host.",
            "code", "method", "host");
        _relists = Count("informer_relists_total", "Full lists read by an informer.", "kind");
        _undecodable = Count("informer_undecodable_objects_total", "Objects that do not fit their type.", "kind");
        _eventsDropped = Count("events_dropped_total", "Events not written because of their number.");
        BuildInfo();
        ObserveControllers();
        ObserveInformers();
    }

    public CollectorRegistry Registry { get; }

    public MetricFactory Factory { get; }

    /// <summary>By code, method and host.</summary>
    public Counter Requests { get; }

    /// <summary>A counter of the operator's own; its name gets the prefix and must end with <c>_total</c>.</summary>
    public Counter Count(string name, string help, params string[] labels) =>
        Factory.CreateCounter(Own + name, help, labels);

    /// <summary>A histogram of the operator's own, in seconds.</summary>
    public Histogram Time(string name, string help, params string[] labels) => Factory.CreateHistogram(
        Own + name, help, labels, new HistogramConfiguration { Buckets = ControllerInstruments.Seconds });

    /// <summary>A gauge of the operator's own that is read at each scrape.</summary>
    public void Scrape(string name, string help, string[] labels, Func<IEnumerable<Sample>> measure) =>
        ScrapeAs(Own + name, help, labels, measure);

    /// <summary>The same without a prefix, for names that others have made common.</summary>
    public void ScrapeAs(string name, string help, string[] labels, Func<IEnumerable<Sample>> measure) =>
        _scraped.Enqueue(new ScrapedGauge(
            Factory.CreateGauge(name, help, labels, new GaugeConfiguration { SuppressInitialValue = true }), measure));

    /// <summary>What a controller counts.</summary>
    public ControllerMetrics Of(string controller) => new(_controllerInstruments, controller);

    public void Relisted(string kind) => _relists.WithLabels(kind).Inc();

    public void Undecodable(string kind) => _undecodable.WithLabels(kind).Inc();

    public void EventDropped() => _eventsDropped.Inc();

    /// <summary>Publishes the queue of a controller and the age of its oldest reconcile.</summary>
    public void Observe(Controller controller) => _controllers.Enqueue(controller);

    /// <summary>Publishes how old the cache may be.</summary>
    public void Observe(IInformer informer)
    {
        _relists.WithLabels(informer.Kind);
        _undecodable.WithLabels(informer.Kind);
        _informers.Enqueue(informer);
    }

    private void Collect()
    {
        lock (_scrape)
        {
            foreach (ScrapedGauge gauge in _scraped)
            {
                gauge.Collect();
            }
        }
    }

    private void BuildInfo()
    {
        string? informational = typeof(RuntimeMetrics).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        string revision = informational?.Split('+', 2) is [_, var commit] ? commit : "unknown";
        Factory.CreateGauge(Own + "build_info", "1, with what this build is.", "version", "revision", "dotnet")
            .WithLabels(ProductVersion.Value, revision, RuntimeInformation.FrameworkDescription).Set(1);
        ScrapeAs(
            "process_resident_memory_bytes", "Memory of the process that is in RAM.", [],
            static () => [new Sample(Environment.WorkingSet)]);
    }

    private void ObserveControllers()
    {
        string[] queue = ["name", "controller"];
        ScrapeAs("workqueue_depth", "Keys waiting for a worker.", queue, () => OfQueues(
            static controller => controller.Queue.ReadyCount));
        ScrapeAs(
            "workqueue_longest_running_processor_seconds", "Age of the slowest reconcile under way.", queue,
            () => OfQueues(static controller => controller.LongestRunning.TotalSeconds));
        ScrapeAs(
            "workqueue_unfinished_work_seconds", "Ages of all reconciles under way, together.", queue,
            () => OfQueues(static controller => controller.UnfinishedWork.TotalSeconds));
        ScrapeAs(
            "controller_runtime_active_workers", "Workers that reconcile.", ["controller"],
            () => _controllers.Select(static one => new Sample(one.Running, one.Name)));
        ScrapeAs(
            "controller_runtime_max_concurrent_reconciles", "Workers.", ["controller"],
            () => _controllers.Select(static one => new Sample(one.Workers, one.Name)));
        Scrape(
            "workqueue_oldest_ready_seconds",
            "How long the key at the front has waited for a worker; 0 on a follower, which has none.", ["controller"],
            () => _controllers.Select(static one => new Sample(
                one.IsWorking ? one.Queue.OldestReadyAge.TotalSeconds : 0, one.Name)));
    }

    private IEnumerable<Sample> OfQueues(Func<Controller, double> value) =>
        _controllers.Select(one => new Sample(value(one), one.Name, one.Name));

    private void ObserveInformers()
    {
        Scrape(
            "watch_age_seconds", "Time since the API server was last heard on the watch; it speaks about each minute.",
            ["kind"],
            () => _informers.Select(static one => new Sample(one.Silence.TotalSeconds, one.Kind)));
        Scrape(
            "watched_objects", "Objects in the cache.", ["kind"],
            () => _informers.Select(static one => new Sample(one.Count, one.Kind)));
    }
}
