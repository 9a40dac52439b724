using System.Collections.Concurrent;
using MailOperator.Kubernetes;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

public sealed class WorkQueueTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly WorkQueue<string> _queue;

    public WorkQueueTests() => _queue = new WorkQueue<string>(_clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Add_ManyTimes_WaitsOnce()
    {
        for (int count = 0; count < 50; count++)
        {
            _queue.Add("a");
        }

        Assert.Equal(1, _queue.ReadyCount);
        Assert.Equal("a", await _queue.TakeAsync(Token));
        Assert.Equal(0, _queue.ReadyCount);
    }

    [Fact]
    public async Task Add_WhileItIsWorkedOn_IsHandedOutAgainOnlyAfterDone()
    {
        _queue.Add("a");
        await _queue.TakeAsync(Token);
        _queue.Add("a");
        Task<string> second = _queue.TakeAsync(Token).AsTask();
        Assert.Equal(0, _queue.ReadyCount);
        Assert.False(second.IsCompleted);

        _queue.Done("a");

        Assert.Equal("a", await second);
    }

    [Fact]
    public async Task Take_ResyncAddedFirst_HandsOutTheChangeFirst()
    {
        _queue.Add("resync", QueueLane.Resync);
        _queue.Add("change");

        Assert.Equal("change", await _queue.TakeAsync(Token));
        Assert.Equal("resync", await _queue.TakeAsync(Token));
    }

    [Fact]
    public async Task Add_ChangeOfWhatWaitsForResync_MovesUpAndIsHandedOutOnce()
    {
        _queue.Add("a", QueueLane.Resync);
        _queue.Add("b", QueueLane.Resync);
        _queue.Add("b");

        Assert.Equal("b", await _queue.TakeAsync(Token));
        _queue.Done("b");
        Assert.Equal("a", await _queue.TakeAsync(Token));
        Assert.Equal(0, _queue.ReadyCount); // the copy in the lower lane means nothing
    }

    [Fact]
    public void AddAfter_SeveralDelays_TheShortestCounts()
    {
        _queue.AddAfter("a", TimeSpan.FromMinutes(5));
        _queue.AddAfter("a", TimeSpan.FromSeconds(1));
        _queue.AddAfter("a", TimeSpan.FromHours(1));

        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(1, _queue.ReadyCount);
        Assert.Equal(0, _queue.DelayedCount);
        _clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(1, _queue.ReadyCount);
    }

    [Fact]
    public void AddAfter_NinetyDays_WakesWithinADayInsteadOfThrowing()
    {
        _queue.AddAfter("a", TimeSpan.FromDays(90));

        _clock.Advance(WorkQueue<string>.MaxDelay + TimeSpan.FromSeconds(1));

        Assert.Equal(1, _queue.ReadyCount);
    }

    [Fact]
    public void OldestReadyAge_GrowsWithTheClock()
    {
        _queue.Add("a");
        _clock.Advance(TimeSpan.FromMinutes(6));
        _queue.Add("b");

        Assert.Equal(TimeSpan.FromMinutes(6), _queue.OldestReadyAge);
    }

    [Fact]
    public async Task Take_ManyWorkers_NeverHoldTheSameItem()
    {
        var held = new ConcurrentDictionary<string, int>();
        int taken = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task[] workers = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(WorkAsync, Token))];
        for (int count = 0; count < 20_000; count++)
        {
            _queue.Add($"k{count % 7}", (QueueLane)(count % 2));
        }

        while (_queue.ReadyCount > 0 || !held.IsEmpty)
        {
            await Task.Yield();
        }

        await stop.CancelAsync();
        await Task.WhenAll(workers);
        Assert.True(taken >= 7);

        async Task WorkAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    string item = await _queue.TakeAsync(stop.Token);
                    Assert.True(held.TryAdd(item, 0), $"{item} was handed to two workers");
                    Interlocked.Increment(ref taken);
                    await Task.Yield();
                    held.TryRemove(item, out int _);
                    _queue.Done(item);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }

    public void Dispose() => _queue.Dispose();
}
