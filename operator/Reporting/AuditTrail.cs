using System.Collections;
using System.Globalization;
using System.Text;
using MailOperator.Kubernetes;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;

namespace MailOperator.Reporting;

/// <summary>
/// Writes one structured line, of a category of its own, for each decision about a password: docs/audit.md lists what
/// it may say. Its names are kept, because others read them. Nothing in it is secret: a credential is named by its
/// selector, as in the status.
/// </summary>
internal sealed class AuditTrail
{
    /// <summary>The category of the lines.</summary>
    public const string Category = "MailOperator.Audit";

    private static readonly EventId Event = new(301, "Audit");

    private readonly ILogger _logger;
    private readonly Counter _records;

    public AuditTrail(RuntimeMetrics metrics, ILoggerFactory? loggers = null)
    {
        _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger(Category);
        _records = metrics.Count("audit_records_total", "Lines of the audit trail.", "action", "trigger");
        foreach ((string action, string trigger) in AuditEntry.Usual)
        {
            _records.WithLabels(action, trigger);
        }
    }

    public void Write(AuditEntry entry)
    {
        _records.WithLabels(entry.Action, entry.Trigger).Inc();
        if (_logger.IsEnabled(LogLevel.Information))
        {
            _logger.Log(LogLevel.Information, Event, new Line(entry), null, static (line, _) => line.ToString());
        }
    }

    // What the console shows as text, and as members of State in JSON.
    private sealed class Line(AuditEntry entry) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        private readonly KeyValuePair<string, object?>[] _fields = [.. entry.Fields()];

        public int Count => _fields.Length;

        public KeyValuePair<string, object?> this[int index] => _fields[index];

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _fields.AsEnumerable().GetEnumerator();

        public override string ToString() => string.Join(
            ' ', _fields.Select(static field => string.Create(
                CultureInfo.InvariantCulture, $"{field.Key}={Quoted($"{field.Value}")}")));

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        // Nobody can end a value and begin another field, or another line.
        private static string Quoted(string value) =>
            value.All(static one => one is > ' ' and < (char)127 and not '"' and not '=' and not '\\')
                ? value
                : Encoding.UTF8.GetString(ApiJson.Serialize(value));
    }
}
