using System.Text.Json.Nodes;
using MailOperator.Kubernetes;
using MailOperator.UnitTests.Kubernetes.Hostile;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

public sealed class LeaderLeaseTests : IAsyncLifetime
{
    private static readonly ObjectKey Key = new("mail-operator", "mail-operator");
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly LeaderElectionOptions _options = new();
    private HostileApiServer _server = null!; // made in InitializeAsync

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private JsonNode Spec => _server.Store.Find(ResourceType.Leases, Key)!["spec"]!;

    private string Holder => (string)Spec["holderIdentity"]!;

    public async ValueTask InitializeAsync() => _server = await HostileApiServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Acquire_NoLease_CreatesItAndLeads()
    {
        LeaderLease lease = await LeadAsync("a");

        Assert.True(lease.IsLeader);
        Assert.Equal(("a", 15, 0), (Holder, (int)Spec["leaseDurationSeconds"]!, (int)Spec["leaseTransitions"]!));
    }

    [Fact]
    public async Task Acquire_HeldByALivingOne_Waits()
    {
        // Mutant: acquire a lease because one renewal was not seen.
        LeaderLease first = await LeadAsync("a");
        Task renewing = first.RenewUntilLostAsync(Token);
        Task waiting = Candidate("b").AcquireAsync(Token);

        await _server.AdvanceAsync(_clock, Step, () => _server.Count("update") >= 12);

        Assert.False(waiting.IsCompleted);
        Assert.False(renewing.IsCompleted);
        Assert.Equal("a", Holder);
    }

    [Fact]
    public async Task Acquire_HolderDied_TakesItWhenItHasNotMovedForItsDuration()
    {
        await LeadAsync("a");
        LeaderLease second = Candidate("b");
        Task waiting = second.AcquireAsync(Token);
        await Until.IsSoAsync(() => _server.Count("get") == 2);

        TimeSpan passed = await _server.AdvanceAsync(_clock, Step, () => waiting.IsCompleted);

        Assert.InRange(passed, _options.LeaseDuration, _options.LeaseDuration + (_options.RetryPeriod * 2));
        Assert.True(second.IsLeader);
        Assert.Equal(("b", 1), (Holder, (int)Spec["leaseTransitions"]!));
    }

    [Fact]
    public async Task Renew_TakenByAnother_IsLostAtTheNextLook()
    {
        LeaderLease lease = await LeadAsync("a");
        Task renewing = lease.RenewUntilLostAsync(Token);
        _server.Store.Apply(ResourceType.Leases, Key, static value => value["spec"]!["holderIdentity"] = "usurper");

        TimeSpan passed = await _server.AdvanceAsync(_clock, Step, () => renewing.IsCompleted);

        Assert.InRange(passed, TimeSpan.Zero, _options.RetryPeriod + (Step * 2));
        Assert.False(lease.IsLeader);
        Assert.Equal(("usurper", 0), (Holder, _server.Count("update")));
    }

    [Fact]
    public async Task Renew_Stopped_Throws()
    {
        LeaderLease lease = await LeadAsync("a");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task renewing = lease.RenewUntilLostAsync(stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => renewing);
        Assert.True(lease.IsLeader); // it still is: what is under way may end
    }

    [Fact]
    public async Task Release_Held_LetsTheNextOneInAtOnce()
    {
        // Mutant: the client library's LeaderElector, which lets the lease expire.
        LeaderLease first = await LeadAsync("a");

        await first.ReleaseAsync(Token);
        await LeadAsync("b"); // with a clock that stands still

        Assert.False(first.IsLeader);
        Assert.Equal("b", Holder);
    }

    [Fact]
    public async Task Release_NotHeld_WritesNothing()
    {
        await Candidate("a").ReleaseAsync(Token);

        Assert.Empty(_server.Requests);
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
