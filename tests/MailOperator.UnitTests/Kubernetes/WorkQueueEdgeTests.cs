using MailOperator.Kubernetes;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>The queue where two things meet: lanes and work under way, delays and changes, many threads.</summary>
public sealed class WorkQueueEdgeTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly WorkQueue<string> _queue;

    public WorkQueueEdgeTests() => _queue = new WorkQueue<string>(_clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Add_ManyTimesWhileItIsWorkedOn_IsHandedOutOnceMore()
    {
        // Mutant: remember each addition made during the work instead of the fact of one.
        _queue.Add("a");
        await TakeNowAsync();
        for (int count = 0; count < 50; count++)
        {
            _queue.Add("a");
        }

        _queue.Done("a");
        await TakeNowAsync();
        _queue.Done("a");

        Assert.Equal(0, _queue.ReadyCount);
    }

    [Fact]
    public async Task Done_NothingAddedMeanwhile_IsNotHandedOutAgain()
    {
        _queue.Add("a");
        await TakeNowAsync();

        _queue.Done("a");

        Assert.Equal(0, _queue.ReadyCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // mutant: let the later lane win, so that a resync delays a change
    public async Task Add_InBothLanesWhileItIsWorkedOn_ComesBackAsAChange(bool changeFirst)
    {
        _queue.Add("a");
        await TakeNowAsync();
        _queue.Add("other", QueueLane.Resync);
        _queue.Add("a", changeFirst ? QueueLane.Change : QueueLane.Resync);
        _queue.Add("a", changeFirst ? QueueLane.Resync : QueueLane.Change);

        _queue.Done("a");

        Assert.Equal(["a", "other"], [await TakeNowAsync(), await TakeNowAsync()]);
    }

    [Fact]
    public async Task Take_CopyLeftInTheLowerLaneWhileItIsWorkedOn_GoesToNobodyElse()
    {
        // Mutant: hand out whatever is in a lane; the moved-up item is then held by two workers.
        _queue.Add("a", QueueLane.Resync);
        _queue.Add("a");
        await TakeNowAsync();
        _queue.Add("a");
        Task<string> second = _queue.TakeAsync(Token).AsTask();
        _queue.Add("b");

        Assert.Equal("b", await second);
        _queue.Done("a");
        Assert.Equal("a", await TakeNowAsync());
    }

    [Fact]
    public async Task Take_CancelledWaiter_LosesNoItem()
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<string> waiting = _queue.TakeAsync(gone.Token).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        _queue.Add("a");

        Assert.Equal("a", await TakeNowAsync());
    }

    [Fact]
    public async Task Take_CancelledBefore_TakesNothing()
    {
        _queue.Add("a");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _queue.TakeAsync(new CancellationToken(canceled: true)).AsTask());

        Assert.Equal("a", await TakeNowAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void AddAfter_NoTimeToWait_IsReadyAtOnce(int seconds)
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(seconds));

        Assert.Equal((1, 0), (_queue.ReadyCount, _queue.DelayedCount));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(90)]
    [InlineData(3650)]
    public void AddAfter_ManyDays_WakesAfterADayAndNotBefore(int days)
    {
        // Mutant: no cap. Timers of more than about 49 days throw.
        _queue.AddAfter("a", TimeSpan.FromDays(days));

        _clock.Advance(WorkQueue<string>.MaxDelay - TimeSpan.FromSeconds(1));
        Assert.Equal(0, _queue.ReadyCount);
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal((1, 0), (_queue.ReadyCount, _queue.DelayedCount));
    }

    [Fact]
    public async Task AddAfter_DueWhileItIsWorkedOn_IsHandedOutOnlyAfterDone()
    {
        _queue.Add("a");
        await TakeNowAsync();
        _queue.AddAfter("a", TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, _queue.ReadyCount);

        _queue.Done("a");

        Assert.Equal("a", await TakeNowAsync());
    }

    [Fact]
    public async Task AddAfter_SeveralItems_ComeInTheOrderOfTheirTimesAndEachInItsLane()
    {
        _queue.AddAfter("third", TimeSpan.FromSeconds(1), QueueLane.Resync);
        _queue.AddAfter("second", TimeSpan.FromSeconds(3));
        _queue.AddAfter("first", TimeSpan.FromSeconds(2));

        _clock.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal(["first", "second", "third"], [await TakeNowAsync(), await TakeNowAsync(), await TakeNowAsync()]);
    }

    [Fact]
    public async Task AddAfter_AgainAfterItCame_WaitsAnew()
    {
        // Mutant: an overtaken longer delay, still in the heap, fires for the new one.
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _queue.AddAfter("a", TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(2));
        await TakeNowAsync();
        _queue.Done("a");
        _queue.AddAfter("a", TimeSpan.FromSeconds(60));

        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(0, _queue.ReadyCount);
        _clock.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(1, _queue.ReadyCount);
    }

    [Fact]
    public async Task OldestReadyAge_OfWhatIsWorkedOn_IsNotCounted()
    {
        // Mutant: count a key that only waits for its own worker; liveness would kill a process that works.
        Assert.Equal(TimeSpan.Zero, _queue.OldestReadyAge);
        _queue.Add("a");
        await TakeNowAsync();
        _queue.Add("a");
        _clock.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal(TimeSpan.Zero, _queue.OldestReadyAge);
    }

    [Fact]
    public void OldestReadyAge_MovedUpALane_KeepsItsAge()
    {
        // Mutant: begin to count anew at each addition; a key that is never taken would never look old.
        _queue.Add("a", QueueLane.Resync);
        _clock.Advance(TimeSpan.FromMinutes(4));
        _queue.Add("a");
        _clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(TimeSpan.FromMinutes(6), _queue.OldestReadyAge);
    }

    public void Dispose() => _queue.Dispose();

    /// <summary>Takes what is ready; what is not ready is a failure and not a wait.</summary>
    private async Task<string> TakeNowAsync()
    {
        Assert.True(_queue.ReadyCount > 0);
        return await _queue.TakeAsync(Token);
    }
}
