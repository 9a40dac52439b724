using System.Net;
using MailOperator.Kubernetes;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>The lease when the server, the clocks or another candidate misbehave.</summary>
public sealed class LeaderLeaseRivalTests : IDisposable
{
    private static readonly ObjectKey Key = new("mail-operator", "mail-operator");
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly SteppedClock _clock = new();
    private readonly LeaderElectionOptions _options = new();
    private readonly LeaseServer _server;

    public LeaderLeaseRivalTests() => _server = new LeaseServer(_clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("GET")]
    [InlineData("PUT")]
    public async Task Renew_ServerHangs_EndsAtTheDeadlineAndNothingIsWrittenAfterIt(string method)
    {
        // Mutant: let an attempt that began before the deadline continue after it; a former leader writes the lease.
        LeaderLease lease = await LeadAsync("a");
        _server.HangOn = method;
        Task lost = lease.RenewUntilLostAsync(Token);
        await StepsAsync(9, lost);
        Assert.True(lease.IsLeader);

        await StepsAsync(1, lost);
        Assert.False(lease.IsLeader);
        _server.LetGo();
        await StepsAsync(30, lost);

        await Until.IsSoAsync(() => lost.IsCompletedSuccessfully);
        Assert.False(lease.IsLeader); // and does not lead again either
        Assert.Single(_server.Writes);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError, "")]
    [InlineData(HttpStatusCode.OK, "<html>a proxy</html>")]
    [InlineData(HttpStatusCode.TooManyRequests, "{}")]
    [InlineData(HttpStatusCode.Conflict, "{}")]
    public async Task Renew_OneTryFails_LeadsOnAndRenewsAtTheNext(HttpStatusCode code, string body)
    {
        // Mutant: one failure ends the process; each hiccup of the API server restarts the operator.
        LeaderLease lease = await LeadAsync("a");
        _server.Next(code, body);
        Task lost = lease.RenewUntilLostAsync(Token);

        await StepsAsync(9, lost);

        Assert.False(lost.IsCompleted);
        Assert.True(lease.IsLeader);
        Assert.InRange(_server.Writes.Count, 3, 5);
    }

    [Fact]
    public async Task IsLeader_NobodyRenews_IsFalseAtTheDeadlineByTheClockAlone()
    {
        // Mutant: trust a flag that only the renewal loop clears; that loop may hang.
        LeaderLease lease = await LeadAsync("a");

        _clock.Advance(_options.RenewDeadline - Second);
        Assert.True(lease.IsLeader);
        _clock.Advance(Second);

        Assert.False(lease.IsLeader);
    }

    [Theory]
    // Mutant: compare the holder's clock with ours; one that is late loses a lease that it renews.
    [InlineData("2001-01-01T00:00:00.000000Z")]
    [InlineData("2099-01-01T00:00:00.000000Z")] // and one that is early keeps it for ever
    public async Task Acquire_HoldersClockIsWrong_WaitsForTheDurationOnOurs(string renewTime)
    {
        _server.Put("other", renewTime);
        LeaderLease lease = Candidate("a");
        Task acquiring = lease.AcquireAsync(Token);

        await StepsAsync(14, acquiring);
        Assert.Empty(_server.Writes);
        await StepsAsync(4, acquiring);

        await Until.IsSoAsync(() => acquiring.IsCompletedSuccessfully);
        Assert.Equal("a", _server.Holder);
    }

    [Fact]
    public async Task Acquire_HolderMovesAtTheLastMoment_WaitsForTheDurationAgain()
    {
        _server.Put("other");
        Task acquiring = Candidate("a").AcquireAsync(Token);
        await StepsAsync(12, acquiring);
        _server.Put("other"); // the same holder and the same text: only the version says that it lives

        await StepsAsync(14, acquiring);

        Assert.Empty(_server.Writes);
        await StepsAsync(7, acquiring);
        await Until.IsSoAsync(() => acquiring.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Acquire_AnotherIsFaster_DoesNotLead()
    {
        // Mutant: write without the version that was read; two lead.
        _server.Put("");
        _server.Next(static _ => null).Next(_ =>
        {
            _server.Put("faster");
            return null;
        });
        LeaderLease lease = Candidate("a");
        Task acquiring = lease.AcquireAsync(Token);

        await StepsAsync(1, acquiring);

        Assert.False(lease.IsLeader);
        Assert.False(acquiring.IsCompleted);
        Assert.Equal("faster", _server.Holder);
    }

    [Fact]
    public async Task Acquire_AnotherMakesItFirst_DoesNotLead()
    {
        _server.Put("first");
        _server.Next(HttpStatusCode.NotFound, FakeApi.Status(404, "NotFound"));
        LeaderLease lease = Candidate("a");
        Task acquiring = lease.AcquireAsync(Token);

        await StepsAsync(1, acquiring);

        Assert.False(lease.IsLeader);
        Assert.Equal("first", _server.Holder);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError, "")]
    [InlineData(HttpStatusCode.OK, "<html>a proxy</html>")]
    public async Task Release_Fails_IsNotTheEndOfAGoodStop(HttpStatusCode code, string body)
    {
        // Mutant: throw; the host reports an orderly stop as a crash.
        LeaderLease lease = await LeadAsync("a");
        _server.Next(code, body);

        await lease.ReleaseAsync(Token);

        Assert.False(lease.IsLeader);
    }

    public void Dispose() => _server.Dispose();

    private LeaderLease Candidate(string identity) =>
        new(_server.Connect(), _options, Key, identity, _clock, new Random(1), NullLogger<LeaderLease>.Instance);

    private async Task<LeaderLease> LeadAsync(string identity)
    {
        LeaderLease lease = Candidate(identity);
        await lease.AcquireAsync(Token);
        return lease;
    }

    /// <summary>Lets seconds pass, each only after everything that the last one caused has settled.</summary>
    private async Task StepsAsync(int seconds, Task task)
    {
        for (int second = 0; second <= seconds; second++)
        {
            await Until.IsSoAsync(() => task.IsCompleted || _clock.IsDelaying || _server.Hanging > 0);
            if (second < seconds)
            {
                _clock.Advance(Second);
            }
        }
    }
}
