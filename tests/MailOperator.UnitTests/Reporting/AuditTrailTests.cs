using System.Text.RegularExpressions;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Spec;
using MailOperator.Reporting;
using MailOperator.Tests;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Reporting;

public sealed partial class AuditTrailTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly RuntimeMetrics _metrics = new();
    private readonly Lines _lines = new();
    private readonly AuditTrail _trail;
    private readonly DeviceAudit _device;

    public AuditTrailTests()
    {
        _trail = new AuditTrail(_metrics, _lines);
        _device = new DeviceAudit(_trail, new FakeTimeProvider(Now));
    }

    [Fact]
    public void Line_Fields_AreStructuredAndText()
    {
        _trail.Write(new AuditEntry(
            AuditAction.Issued, AuditTrigger.Spec, "MailDevice", new ObjectKey("shop", "phone"), "u")
        {
            Mailbox = "a b\"\n\u2028action=ended@example.com",
        });

        Assert.Equal(AuditTrail.Category, _lines.Category);
        (string text, IReadOnlyList<KeyValuePair<string, object?>> fields) = Assert.Single(_lines.Written);
        Assert.Equal(
            ["action", "trigger", "kind", "namespace", "name", "uid", "mailbox"], fields.Select(one => one.Key));
        // Mutant: write the value as it is; who names a mailbox writes a line of his own.
        Assert.StartsWith(
            "action=issued trigger=spec kind=MailDevice namespace=shop name=phone uid=u mailbox=\"a b", text,
            StringComparison.Ordinal);
        Assert.DoesNotContain(text, static one => one is '\n' or '\u2028');
        Assert.Equal(1, MetricsPage.Read(_metrics).Samples[
            "mail_operator_audit_records_total{action=\"issued\",trigger=\"spec\"}"]);
    }

    [Theory]
    [InlineData(Reasons.Issued, false, "issued", "spec")]
    [InlineData(Reasons.Rotating, false, "issued", "token")]
    [InlineData(Reasons.Revoked, false, "issued", "token")]
    [InlineData(Reasons.Rotating, true, "issued", "schedule")]
    [InlineData(Reasons.SecretTampered, true, "issued", "tamper")]
    [InlineData(Reasons.SecretDeleted, true, "issued", "tamper")]
    [InlineData(Reasons.SlotMissing, true, "issued", "tamper")]
    public void Issue_NamesWhoAsked(string reason, bool isUnasked, string action, string trigger)
    {
        _device.Applied(
            Device(), Snapshot(), new Change.IssueCredential(reason, [], null) { IsUnasked = isUnasked }, "abcdef");

        AssertLine(("action", action), ("trigger", trigger), ("credential", "abcdef"), ("reason", reason));
    }

    [Fact]
    public void End_NamesWhoAsked()
    {
        var remove = new Change.RemoveSlots(["abcdef", "ghijkl"]) { At = "dovecot" };
        _device.Applied(Device(), Snapshot() with { IsDeleting = true }, remove, null);
        AssertLine(("action", "ended"), ("trigger", "deletion"), ("credential", "abcdef,ghijkl"));

        _device.Applied(Device(), Snapshot() with { IsGrantRevoked = true }, remove, null);
        AssertLine(("trigger", "grant"), ("backend", "dovecot"));

        _device.Applied(Device(), Snapshot() with { Stops = Stops.None with { EndsAt = Now } }, remove, null);
        AssertLine(("trigger", "expiry"));

        _device.Applied(Device(), Snapshot() with { Stops = Stops.None with { IsSuspended = true } }, remove, null);
        AssertLine(("trigger", "suspension"));

        _device.Applied(Device(), Snapshot() with { RotateAndRevokeToken = "now" }, remove, null);
        AssertLine(("trigger", "token"));
    }

    [Fact]
    public void Changes_OfNoPassword_HaveNoLine()
    {
        _device.Applied(Device(), Snapshot(), new Change.AddFinalizer(), null);
        _device.Applied(Device(), Snapshot(), new Change.TellMailServers(["a@example.com"], EndsSessions: true), null);

        Assert.Empty(_lines.Written);
    }

    [Fact]
    public void Refusal_IsWrittenWhenItIsNews()
    {
        Condition[] refused = [Ready("False", Reasons.NotAllowed)];
        _device.Reported(Device(), [], refused);
        AssertLine(("action", "refused"), ("trigger", "grant"), ("reason", Reasons.NotAllowed));

        _lines.Written.Clear();
        _device.Reported(Device(), refused, refused);
        _device.Reported(Device(), refused, [Ready("False", Reasons.BackendUnavailable)]);
        _device.Reported(Device(), refused, [Ready("True", Reasons.Issued)]);
        Assert.Empty(_lines.Written);
    }

    [Fact]
    public void Page_FieldsActionsAndTriggers_AreThese()
    {
        string[] documented =
        [
            .. File.ReadLines(Repository.Path("docs", "audit.md"))
                .Select(static line => Row().Match(line)).Where(static row => row.Success)
                .Select(static row => row.Groups[1].Value),
        ];
        var all = new AuditEntry("a", "t", "k", new ObjectKey("n", "n"), "u")
        {
            Backend = "b",
            Mailbox = "m",
            Credential = "c",
            Reason = "r",
        };

        Assert.Equal(
            all.Fields().Select(static field => field.Key)
                .Concat(Values(typeof(AuditAction))).Concat(Values(typeof(AuditTrigger)))
                .Order(StringComparer.Ordinal),
            documented.Order(StringComparer.Ordinal));
    }

    public void Dispose() => _lines.Dispose();

    private static IEnumerable<string> Values(Type names) =>
        names.GetFields().Select(static field => (string)field.GetValue(null)!);

    private void AssertLine(params (string Name, string Value)[] fields)
    {
        var last = _lines.Written[^1].Fields.ToDictionary(static one => one.Key, static one => (string?)one.Value);
        Assert.All(fields, field => Assert.Equal(field.Value, last[field.Name]));
    }

    private static MailDevice Device() => new()
    {
        Metadata = new() { Name = "phone", NamespaceProperty = "shop", Uid = "u" },
        Spec = new MailDeviceSpec { Mailbox = "A@example.com" },
    };

    private static MailDeviceSnapshot Snapshot() => new() { Uid = "u", BackendName = "dovecot" };

    private static Condition Ready(string status, string reason) =>
        new() { Type = ConditionTypes.Ready, Status = status, Reason = reason, Message = "m" };

    [GeneratedRegex(@"^\| `([a-z-]+)` \|")]
    private static partial Regex Row();

    private sealed class Lines : ILoggerFactory, ILogger
    {
        public string? Category { get; private set; }

        public List<(string Text, IReadOnlyList<KeyValuePair<string, object?>> Fields)> Written { get; } = [];

        public ILogger CreateLogger(string categoryName)
        {
            Category = categoryName;
            return this;
        }

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            Written.Add((formatter(state, exception), (IReadOnlyList<KeyValuePair<string, object?>>)state!));

        public void AddProvider(ILoggerProvider provider)
        {
            // There is one.
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Dispose()
        {
            // Nothing to release.
        }
    }
}
