using MailOperator.Kubernetes;
using Prometheus;

namespace MailOperator.Backends;

/// <summary>What is counted of the calls of all MailBackends.</summary>
internal sealed class BackendMetrics(RuntimeMetrics metrics)
{
    private static readonly string[] Results =
        ["Success", .. Enum.GetNames<BackendFailure>().Where(static one => one != nameof(BackendFailure.Busy))];

    private readonly Counter _calls = metrics.Count(
        "backend_calls_total", "Calls of a mail system, by result: Success or the failure.", "backend", "result");

    private readonly Histogram _time = metrics.Time(
        "backend_call_duration_seconds", "How long a mail system took to answer or to fail.", "backend");

    private readonly Counter _held = metrics.Count(
        "backend_calls_held_total",
        "Calls put off, because of circuit_open, concurrency, rate_limit (the mail system's) or rotation_limit.",
        "backend", "why");

    private readonly Gauge _open = metrics.Factory.CreateGauge(
        "mail_operator_backend_circuit_open", "1 while calls of the mail system are held because it fails.", "backend");

    /// <summary>The metrics of one MailBackend, at zero.</summary>
    public BackendCalls Of(string backend)
    {
        foreach (string why in new[] { Holds.Circuit, Holds.Concurrency, Holds.RateLimit, Holds.RotationLimit })
        {
            _held.WithLabels(backend, why);
        }

        return new BackendCalls(
            Results.ToDictionary(static one => one, one => _calls.WithLabels(backend, one), StringComparer.Ordinal),
            _time.WithLabels(backend),
            why => _held.WithLabels(backend, why).Inc(),
            _open.WithLabels(backend));
    }

    /// <summary>A rotation waits because the MailBackend has had its number of this minute.</summary>
    public void RotationHeld(string backend) => _held.WithLabels(backend, Holds.RotationLimit).Inc();

    /// <summary>Call this when the MailBackend is gone.</summary>
    public void Forget(string backend)
    {
        _time.RemoveLabelled(backend);
        _open.RemoveLabelled(backend);
        foreach (string result in Results)
        {
            _calls.RemoveLabelled(backend, result);
        }

        foreach (string[] labels in _held.GetAllLabelValues().Where(labels => labels[0] == backend).ToArray())
        {
            _held.RemoveLabelled(labels);
        }
    }

    /// <summary>Why a call is put off.</summary>
    internal static class Holds
    {
        public const string Circuit = "circuit_open";
        public const string Concurrency = "concurrency";
        public const string RateLimit = "rate_limit";
        public const string RotationLimit = "rotation_limit";
    }
}

/// <summary>The metrics of the calls of one MailBackend.</summary>
internal sealed class BackendCalls(
    IReadOnlyDictionary<string, Counter.Child> results, Histogram.Child time, Action<string> held, Gauge.Child open)
{
    public void Ended(BackendFailure? failure, TimeSpan took)
    {
        results[failure?.ToString() ?? "Success"].Inc();
        time.Observe(took.TotalSeconds);
    }

    public void Held(string why) => held(why);

    public void Circuit(bool isOpen) => open.Set(isOpen ? 1 : 0);
}
