using System.Net;
using System.Text.Json.Nodes;
using MailOperator.Kubernetes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

public sealed class LeaderLeaseTests : IDisposable
{
    private static readonly ObjectKey Key = new("mail-operator", "mail-operator");
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly LeaderElectionOptions _options = new();
    private readonly FakeApi _server = new();
    private readonly KubernetesApi _api;
    private JsonObject? _lease;
    private bool _hangs;
    private int _version;

    public LeaderLeaseTests()
    {
        _server.Default = ServeAsync;
        _api = _server.Connect(_clock);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Acquire_NoLease_CreatesItAndLeads()
    {
        LeaderLease lease = Candidate("a");

        await lease.AcquireAsync(Token);

        Assert.True(lease.IsLeader);
        Assert.Equal("a", Holder);
    }

    [Fact]
    public async Task Acquire_HeldByALivingOne_WaitsUntilItHasNotMovedForItsDuration()
    {
        LeaderLease first = Candidate("a"), second = Candidate("b");
        await first.AcquireAsync(Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task renewing = first.RenewUntilLostAsync(stop.Token);
        Task waiting = second.AcquireAsync(Token);
        await AdvanceAsync(TimeSpan.FromMinutes(2), waiting);
        Assert.False(waiting.IsCompleted); // mutant: compare the holder's wall clock instead of watching it move

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => renewing);
        await AdvanceAsync(TimeSpan.FromSeconds(40), waiting);

        await waiting;
        Assert.Equal("b", Holder);
        Assert.Equal(1, (int)_lease!["spec"]!["leaseTransitions"]!);
    }

    [Fact]
    public async Task Renew_ServerHangs_IsNoLeaderByTheDeadlineAndWritesNoMore()
    {
        // Mutant: the client library's elector, whose abandoned renewal is written seconds after it said that it stopped.
        LeaderLease lease = Candidate("a");
        await lease.AcquireAsync(Token);
        _hangs = true;
        Task lost = lease.RenewUntilLostAsync(Token);
        await AdvanceAsync(_options.RenewDeadline, lost);
        Assert.False(lease.IsLeader);
        await AdvanceAsync(TimeSpan.FromSeconds(20), lost);
        await lost;

        _hangs = false;
        int requests = _server.Requests.Count;
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(requests, _server.Requests.Count);
    }

    [Fact]
    public async Task Renew_TakenByAnother_IsLostAtOnce()
    {
        LeaderLease lease = Candidate("a");
        await lease.AcquireAsync(Token);
        Task lost = lease.RenewUntilLostAsync(Token);
        _lease!["spec"]!["holderIdentity"] = "usurper";
        _lease["metadata"]!["resourceVersion"] = $"{++_version}";

        await AdvanceAsync(TimeSpan.FromSeconds(5), lost);

        await lost;
        Assert.Equal("usurper", Holder);
    }

    [Fact]
    public async Task Release_Held_LetsTheNextOneInAtOnce()
    {
        LeaderLease first = Candidate("a"), second = Candidate("b");
        await first.AcquireAsync(Token);

        await first.ReleaseAsync(Token);
        Task acquiring = second.AcquireAsync(Token);

        await acquiring; // with a clock that stands still
        Assert.False(first.IsLeader);
        Assert.Equal("b", Holder);
    }

    [Fact]
    public async Task Release_NotHeld_WritesNothing()
    {
        await Candidate("a").ReleaseAsync(Token);

        Assert.Empty(_server.Requests);
    }

    public void Dispose() => _server.Dispose();

    private string Holder => (string)_lease!["spec"]!["holderIdentity"]!;

    private LeaderLease Candidate(string identity) =>
        new(_api, _options, Key, identity, _clock, new Random(1), NullLogger<LeaderLease>.Instance);

    /// <summary>Lets time pass in small steps, giving each step's work its turn.</summary>
    private async Task AdvanceAsync(TimeSpan time, Task until)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time && !until.IsCompleted; passed += TimeSpan.FromSeconds(0.5))
        {
            _clock.Advance(TimeSpan.FromSeconds(0.5));
            for (int turn = 0; turn < 20; turn++)
            {
                await Task.Yield();
            }
        }
    }

    private async Task<HttpResponseMessage> ServeAsync(HttpRequestMessage request)
    {
        if (_hangs)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, Token);
        }

        if (request.Method == HttpMethod.Get)
        {
            return _lease is null ? Reply(HttpStatusCode.NotFound, FakeApi.Status(404, "NotFound")) : Reply(HttpStatusCode.OK, _lease.ToJsonString());
        }

        JsonObject sent = JsonNode.Parse(await request.Content!.ReadAsStringAsync(Token))!.AsObject();
        if (_lease is not null && (string?)sent["metadata"]!["resourceVersion"] != (string?)_lease["metadata"]!["resourceVersion"])
        {
            return Reply(HttpStatusCode.Conflict, FakeApi.Status(409, "Conflict"));
        }

        sent["metadata"]!["resourceVersion"] = $"{++_version}";
        _lease = sent;
        return Reply(HttpStatusCode.OK, sent.ToJsonString());
    }

    private static HttpResponseMessage Reply(HttpStatusCode code, string body) => new(code) { Content = new StringContent(body) };
}
