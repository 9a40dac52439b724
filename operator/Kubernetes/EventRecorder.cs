using System.Threading.Channels;

namespace MailOperator.Kubernetes;

/// <summary>
/// Writes Events on transitions, in the background and best effort: a reconcile never waits for one. Repetitions raise
/// the count of the existing Event, and one object cannot flood the server (<see cref="EventCorrelator"/>).
/// </summary>
internal sealed partial class EventRecorder(
    KubernetesApi api, string instanceName, RuntimeMetrics metrics, TimeProvider clock, ILogger<EventRecorder> logger)
    : BackgroundService
{
    private readonly Channel<RecordedEvent> _events = Channel.CreateBounded<RecordedEvent>(
        new BoundedChannelOptions(4096) { SingleReader = true }); // with a drop mode TryWrite would be true when full

    private readonly EventCorrelator _correlator = new(clock);

    public void Normal(ResourceType type, ApiObject about, string reason, string message) =>
        Record(type, about, "Normal", reason, message);

    public void Warning(ResourceType type, ApiObject about, string reason, string message) =>
        Record(type, about, "Warning", reason, message);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (RecordedEvent recorded in _events.Reader.ReadAllAsync(stoppingToken))
        {
            await WriteAsync(recorded, stoppingToken);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _events.Writer.TryComplete(); // what is queued is still written, within the host's shutdown timeout
        if (ExecuteTask is { } task)
        {
            await task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await base.StopAsync(cancellationToken);
    }

    private void Record(ResourceType type, ApiObject about, string severity, string reason, string message)
    {
        var recorded = new RecordedEvent(
            type, about.Key, about.Metadata.Uid, about.Metadata.ResourceVersion, severity, reason, message,
            clock.GetUtcNow());
        if (!_events.Writer.TryWrite(recorded))
        {
            metrics.EventDropped();
        }
    }

    private async Task WriteAsync(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        if (_correlator.Correlate(recorded) is not { } series)
        {
            metrics.EventDropped();
            return;
        }

        try
        {
            if (series.Count == 1)
            {
                await api.CreateAsync(
                    ResourceType.Events, series.Key.Namespace, Body(recorded, series), cancellationToken);
            }
            else
            {
                await api.MergePatchAsync(
                    ResourceType.Events, series.Key, Repetition(series, recorded.Time), cancellationToken);
            }
        }
        catch (ApiException e) when (e.IsNotFound && series.Count > 1)
        {
            _correlator.Forget(recorded); // expired on the server: the next one creates another
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            Log.NotWritten(logger, recorded.Reason, recorded.About, e.Message);
        }
    }

    private byte[] Body(RecordedEvent recorded, EventSeries series) => ApiJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("apiVersion", "v1");
        json.WriteString("kind", "Event");
        json.WriteStartObject("metadata");
        json.WriteString("name", series.Key.Name);
        json.WriteString("namespace", series.Key.Namespace);
        json.WriteEndObject();
        json.WriteStartObject("involvedObject");
        json.WriteString("apiVersion", recorded.Type.ApiVersion);
        json.WriteString("kind", recorded.Type.Kind);
        json.WriteString("name", recorded.About.Name);
        if (recorded.Type.IsNamespaced)
        {
            json.WriteString("namespace", recorded.About.Namespace);
        }

        json.WriteString("uid", recorded.Uid);
        json.WriteString("resourceVersion", recorded.ResourceVersion);
        json.WriteEndObject();
        json.WriteString("type", recorded.Severity);
        json.WriteString("reason", recorded.Reason);
        json.WriteString("message", series.Message);
        json.WriteString("firstTimestamp", Rfc3339.Format(recorded.Time));
        json.WriteString("lastTimestamp", Rfc3339.Format(recorded.Time));
        json.WriteNumber("count", 1);
        json.WriteStartObject("source");
        json.WriteString("component", "mail-operator");
        json.WriteEndObject();
        json.WriteString("reportingComponent", "mailoperator.io/mail-operator");
        json.WriteString("reportingInstance", instanceName);
        json.WriteEndObject();
    });

    private static byte[] Repetition(EventSeries series, DateTimeOffset time) => ApiJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("count", series.Count);
        json.WriteString("lastTimestamp", Rfc3339.Format(time));
        json.WriteString("message", series.Message);
        json.WriteEndObject();
    });

    private static partial class Log
    {
        [LoggerMessage(131, LogLevel.Debug, "Failed to write Event {Reason} of {Object}: {Problem}")]
        public static partial void NotWritten(ILogger logger, string reason, ObjectKey @object, string problem);
    }
}

/// <summary>An event as a reconciler reported it.</summary>
internal sealed record RecordedEvent(
    ResourceType Type,
    ObjectKey About,
    string Uid,
    string ResourceVersion,
    string Severity,
    string Reason,
    string Message,
    DateTimeOffset Time);
