using System.Text.Json.Nodes;
using MailOperator.Kubernetes;
using MailOperator.Tests;
using MailOperator.UnitTests.Kubernetes.Hostile;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

public sealed class EventRecorderTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly RuntimeMetrics _metrics = new();
    private HostileApiServer _server = null!; // made in InitializeAsync
    private EventRecorder _events = null!;

    private long Dropped => (long)MetricsPage.Read(_metrics).Sum("mail_operator_events_dropped_total");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await HostileApiServer.StartAsync();
        _events = new EventRecorder(
            _server.Connect(_clock), "pod-1", _metrics, _clock, NullLogger<EventRecorder>.Instance);
        await _events.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _events.StopAsync(new CancellationToken(canceled: true));
        _events.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Record_SameAgain_CountsUpTheOneThatIsThere()
    {
        // Mutant: create each time; a flapping backend fills the namespace with Events.
        Warn("down");
        await Until.IsSoAsync(() => _server.Count("create") == 1);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Warn("down");
        await Until.IsSoAsync(() => (int?)Events().SingleOrDefault()?["count"] == 2);

        JsonObject written = Assert.Single(Events());
        Assert.Equal("2026-11-24T12:00:00Z", (string?)written["firstTimestamp"]);
        Assert.Equal("2026-11-24T12:01:00Z", (string?)written["lastTimestamp"]);
        Assert.Equal(["create", "patch"], _server.Requests.Select(static request => request.Verb));
    }

    [Fact]
    public async Task Record_OneOfAnObject_SaysOfWhichAndByWhom()
    {
        _events.Normal(FakeApi.Things, About("shop", "grafana"), "Issued", "New password.");
        await Until.IsSoAsync(() => Events().Count == 1);

        JsonObject written = Events()[0];
        Assert.Equal(
            """
            {"apiVersion":"example.com/v1","kind":"Thing","name":"grafana",
            "namespace":"shop","uid":"uid-1","resourceVersion":"7"}
            """.ReplaceLineEndings(""),
            written["involvedObject"]!.ToJsonString());
        Assert.Equal(
            ("Normal", "Issued", "New password."),
            ((string?)written["type"], (string?)written["reason"], (string?)written["message"]));
        Assert.Equal("pod-1", (string?)written["reportingInstance"]);
    }

    [Fact]
    public async Task Record_RunOutOnTheServer_TheNextOneIsMadeAnew()
    {
        // Mutant: patch for ever what is no longer there; the object has no Events from then on.
        Warn("down");
        await Until.IsSoAsync(() => Events().Count == 1);
        _server.Store.Delete($"api/v1/namespaces/shop/events/{(string)Events()[0]["metadata"]!["name"]!}");
        Warn("down");
        await Until.IsSoAsync(() => _server.Count("patch") == 1);
        Warn("down");
        await Until.IsSoAsync(() => Events().Count == 1);

        Assert.Equal(1, (int?)Events()[0]["count"]);
    }

    [Theory]
    [InlineData(Fault.Forbidden)] // the namespace is going
    [InlineData(Fault.ServerError)]
    [InlineData(Fault.Reset)]
    [InlineData(Fault.Invalid)]
    public async Task Record_CannotBeWritten_TheNextOnesAre(Fault fault)
    {
        _server.Fail("create", fault);
        Warn("one");
        Warn("two");

        await Until.IsSoAsync(() => Events().Count == 1);

        Assert.Equal("two", (string?)Events()[0]["message"]);
    }

    [Fact]
    public async Task Record_ServerSilent_HoldsUpNobodyAndCountsWhatDoesNotFit()
    {
        // Mutants: wait for room; lose events without a word in the metrics.
        _server.Fail("create", Fault.Silence);
        Warn("first");
        await Until.IsSoAsync(() => _server.Count("create") == 1);

        for (int number = 0; number < 5000; number++)
        {
            Warn($"text {number}");
        }

        Assert.Equal(5000 - 4096, Dropped);
    }

    [Fact]
    public async Task Record_FloodOfOneObject_IsCutAndCounted()
    {
        for (int number = 0; number < 100; number++)
        {
            Warn("down");
        }

        await Until.IsSoAsync(() => Dropped == 75);

        Assert.Equal(EventCorrelator.Burst, _server.Requests.Count);
        Assert.Equal(EventCorrelator.Burst, (int?)Assert.Single(Events())["count"]);
    }

    [Fact]
    public async Task Stop_EventsWaiting_AreStillWritten()
    {
        // Mutant: stop at once; what the last reconcile said is lost.
        for (int number = 0; number < 10; number++)
        {
            Warn($"text {number}");
        }

        await _events.StopAsync(Token);

        Assert.Equal(10, Events().Count);
    }

    [Fact]
    public async Task Record_ClusterScopedObject_IsWrittenInDefault()
    {
        _events.Warning(ResourceType.Namespaces, About("", "shop"), "Failed", "down");

        await Until.IsSoAsync(() => _server.Count("create") == 1);

        Assert.Equal("api/v1/namespaces/default/events", _server.Requests[0].Path);
        Assert.Null(_server.Requests[0].Json["involvedObject"]!["namespace"]);
    }

    private void Warn(string message) => _events.Warning(FakeApi.Things, About("shop", "grafana"), "Failed", message);

    private static MetadataObject About(string @namespace, string name) => new()
    {
        Metadata = new()
        {
            NamespaceProperty = @namespace.Length == 0 ? null : @namespace,
            Name = name,
            Uid = "uid-1",
            ResourceVersion = "7",
        },
    };

    private IReadOnlyList<JsonObject> Events() => _server.Store.All("api/v1/events");
}
