using System.Text.Json.Nodes;
using MailOperator.Kubernetes;
using MailOperator.UnitTests.Kubernetes.Hostile;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>The lease at a server that hangs, does not answer, or lets others write the lease.</summary>
public sealed class LeaderLeaseFaultTests : IAsyncLifetime
{
    private static readonly ObjectKey Key = new("mail-operator", "mail-operator");
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly LeaderElectionOptions _options = new();
    private HostileApiServer _server = null!; // made in InitializeAsync

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private JsonNode Spec => _server.Store.Find(ResourceType.Leases, Key)!["spec"]!;

    public async ValueTask InitializeAsync() => _server = await HostileApiServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Renew_ServerRefuses_EndsByTheDeadline()
    {
        LeaderLease lease = await LeadAsync("a");
        _server.Fail("get", [.. Enumerable.Repeat(Fault.ServerError, 20)]);
        Task renewing = lease.RenewUntilLostAsync(Token);

        TimeSpan passed = await _server.AdvanceAsync(_clock, Step, () => renewing.IsCompleted);

        Assert.InRange(passed, _options.RenewDeadline - Step, _options.RenewDeadline + (Step * 2));
    }

    [Fact]
    public async Task Renew_ProcessWasFrozen_IsLostWithoutAnotherWrite()
    {
        // Mutant: renew first and check the time afterwards; a leader that came and went meanwhile is overlooked.
        LeaderLease lease = await LeadAsync("a");
        Task renewing = lease.RenewUntilLostAsync(Token);
        int requests = _server.Requests.Count;

        _clock.Advance(TimeSpan.FromMinutes(1));
        await Until.IsSoAsync(() => renewing.IsCompleted);

        Assert.Equal(requests, _server.Requests.Count);
    }

    [Fact]
    public async Task Renew_OneHang_IsSurvived()
    {
        LeaderLease lease = await LeadAsync("a");
        _server.Fail("get", Fault.Silence);
        Task renewing = lease.RenewUntilLostAsync(Token);

        await _server.AdvanceAsync(_clock, Step, () => _server.Count("update") == 3);

        Assert.False(renewing.IsCompleted);
        Assert.True(lease.IsLeader);
    }

    [Fact]
    public async Task Renew_ResponseLost_GoesOnWithWhatItWrote()
    {
        // Mutant: recognise the lease by the version of the last answer; one lost answer ends the leader.
        LeaderLease lease = await LeadAsync("a");
        _server.Fail("update", Fault.LostResponse);
        Task renewing = lease.RenewUntilLostAsync(Token);

        await _server.AdvanceAsync(_clock, Step, () => _server.Count("update") == 4);

        Assert.False(renewing.IsCompleted);
        Assert.Equal(0, (int?)Spec["leaseTransitions"]);
    }

    [Fact]
    public async Task Renew_Goes_On_KeepsSinceWhenItIsHeld()
    {
        LeaderLease lease = await LeadAsync("a");
        string since = (string)Spec["acquireTime"]!;
        Task renewing = lease.RenewUntilLostAsync(Token);

        await _server.AdvanceAsync(_clock, Step, () => _server.Count("update") == 10);

        Assert.Equal(since, (string?)Spec["acquireTime"]);
        Assert.NotEqual(since, (string?)Spec["renewTime"]);
        Assert.False(renewing.IsCompleted);
    }

    [Fact]
    public async Task Acquire_ResponseLost_LeadsWithWhatItWrote()
    {
        _server.Fail("create", Fault.LostResponse);
        LeaderLease lease = Candidate("a");
        Task acquiring = lease.AcquireAsync(Token);

        await _server.AdvanceAsync(_clock, Step, () => acquiring.IsCompleted);

        Assert.True(lease.IsLeader);
        Assert.Equal("a", (string?)Spec["holderIdentity"]);
    }

    [Fact]
    public async Task Acquire_TwoAtOnce_OneLeads()
    {
        LeaderLease[] candidates = [.. Enumerable.Range(0, 6).Select(number => Candidate($"pod-{number}"))];

        Task[] acquiring = [.. candidates.Select(static candidate => candidate.AcquireAsync(Token))];
        await Until.IsSoAsync(() =>
            _server.Count("get") == 6 && !_server.IsBusy && candidates.Any(static candidate => candidate.IsLeader));

        Assert.Single(candidates, static candidate => candidate.IsLeader);
        Assert.Equal(1, acquiring.Count(static task => task.IsCompleted));
    }

    [Fact]
    public async Task Acquire_HolderAskedForLonger_WaitsThatLong()
    {
        _server.Store.Apply(ResourceType.Leases, Key, static value => value["spec"] = new JsonObject
        {
            ["holderIdentity"] = "old",
            ["leaseDurationSeconds"] = 30,
        });
        Task acquiring = Candidate("b").AcquireAsync(Token);
        await Until.IsSoAsync(() => _server.Count("get") == 1);

        TimeSpan passed = await _server.AdvanceAsync(_clock, Step, () => acquiring.IsCompleted);

        Assert.InRange(passed, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(35));
    }

    [Fact]
    public async Task Release_StolenMeanwhile_LeavesItToTheThief()
    {
        // Mutant: clear the holder without reading it; the new leader loses the lease.
        LeaderLease lease = await LeadAsync("a");
        _server.Store.Apply(ResourceType.Leases, Key, static value => value["spec"]!["holderIdentity"] = "thief");

        await lease.ReleaseAsync(Token);

        Assert.Equal("thief", (string?)Spec["holderIdentity"]);
        Assert.False(lease.IsLeader);
    }

    [Fact]
    public async Task Release_ServerHangs_EndsWithItsCallersPatience()
    {
        LeaderLease lease = await LeadAsync("a");
        _server.Fail("get", Fault.Silence);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task releasing = lease.ReleaseAsync(patience.Token);
        await Until.IsSoAsync(() => _server.Count("get") == 2);
        Assert.False(lease.IsLeader); // from the moment on at which it might be given back

        await patience.CancelAsync();

        await releasing;
    }

    private async Task<LeaderLease> LeadAsync(string identity)
    {
        LeaderLease lease = Candidate(identity);
        await lease.AcquireAsync(Token);
        return lease;
    }

    private LeaderLease Candidate(string identity) =>
        new(_server.Connect(_clock), _options, Key, identity, _clock, new Random(1), NullLogger<LeaderLease>.Instance);
}
