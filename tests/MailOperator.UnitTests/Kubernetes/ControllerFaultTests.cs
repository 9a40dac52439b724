using System.Net;
using MailOperator.Kubernetes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>What becomes of a key, and of the worker, when a reconcile does not end well.</summary>
public sealed class ControllerFaultTests : IDisposable
{
    private static readonly ObjectKey Key = new("shop", "grafana");
    private static readonly ObjectKey Other = new("shop", "other");
    private readonly FakeTimeProvider _clock = new();
    private readonly RuntimeMetrics _metrics = new();
    private readonly WorkQueue<ObjectKey> _queue;

    public ControllerFaultTests() => _queue = new WorkQueue<ObjectKey>(_clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reconcile_FailsAgainAndAgain_WaitsTwiceAsLongEachTime()
    {
        // Mutant: forget the failures with each try; a backend that is down is asked every second by every device.
        Controller controller = Make((_, _) => throw new HttpRequestException("down"));
        _queue.Add(Key);
        for (int failure = 0; failure < 12; failure++)
        {
            await controller.ProcessNextAsync(Token, Token);

            AssertReadyAfter(TimeSpan.FromSeconds(Math.Min(Math.Pow(2, failure), 300)));
        }
    }

    [Fact]
    public async Task Reconcile_FailuresAndThenAnEnd_BeginsAgainWithAShortWait()
    {
        // Mutant: a success keeps the count; the first slip after the mend waits for minutes.
        int runs = 0;
        Controller controller = Make((_, _) => ++runs switch
        {
            8 => Task.FromResult(ReconcileResult.Done),
            _ => throw new HttpRequestException("down"),
        });
        for (int run = 0; run < 9; run++)
        {
            _queue.Add(Key);
            await controller.ProcessNextAsync(Token, Token);
            _clock.Advance(run < 8 ? TimeSpan.FromHours(1) : TimeSpan.Zero);
            if (run < 7)
            {
                await _queue.TakeAsync(Token);
                _queue.Done(Key);
            }
        }

        AssertReadyAfter(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Reconcile_Conflict_IsTriedAgainSoon()
    {
        Controller controller = Make(
            (_, _) => throw new ApiException(HttpStatusCode.Conflict, "Conflict", "written by another"));
        _queue.Add(Key);

        await controller.ProcessNextAsync(Token, Token);

        AssertReadyAfter(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Reconcile_CancelledByItsOwnHttpClient_IsAFailureAndNotAStop()
    {
        // Mutant: take every OperationCanceledException for the end of the process; the worker is gone, the key lost.
        Controller controller = Make((_, _) => throw new TaskCanceledException("HttpClient.Timeout"));
        _queue.Add(Key);

        await controller.ProcessNextAsync(Token, Token);

        AssertReadyAfter(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Run_OneWorkerAndReconcilesThatThrow_GoesOnWithTheNextKey()
    {
        // Mutant: let an exception end the worker; after as many poison objects as workers nothing is done any more.
        Exception[] poison =
        [
            new InvalidOperationException(),
            new TaskCanceledException(),
            new ApiException(HttpStatusCode.Conflict, "", ""),
        ];
        var done = new TaskCompletionSource();
        Controller controller = Make(
            (key, _) =>
            {
                if (key == Other)
                {
                    done.SetResult();
                    return Task.FromResult(ReconcileResult.Done);
                }

                throw poison[int.Parse(key.Name)];
            },
            workers: 1);
        using var stop = new CancellationTokenSource();
        Task running = controller.RunAsync(stop.Token, Token);
        for (int number = 0; number < poison.Length; number++)
        {
            _queue.Add(new ObjectKey("poison", $"{number}"));
        }

        _queue.Add(Other);
        await done.Task.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Token);

        await stop.CancelAsync();
        await running;
        Assert.Equal(poison.Length, _queue.DelayedCount);
    }

    [Fact]
    public async Task Run_ReconcileHangs_OthersAreDoneMeanwhileAndItGoesToNobodyElse()
    {
        var hanging = new TaskCompletionSource<ReconcileResult>();
        var done = new TaskCompletionSource();
        int started = 0;
        Controller controller = Make((key, _) =>
        {
            if (key == Key)
            {
                Interlocked.Increment(ref started);
                return hanging.Task;
            }

            done.TrySetResult();
            return Task.FromResult(ReconcileResult.Done);
        });
        using var stop = new CancellationTokenSource();
        Task running = controller.RunAsync(stop.Token, Token);
        _queue.Add(Key);
        await Until.IsSoAsync(() => Volatile.Read(ref started) == 1);
        _queue.Add(Key);
        _queue.Add(Other);

        await done.Task.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Token);
        // Mutant: give it to the second worker, which was free for the other.
        Assert.Equal(1, Volatile.Read(ref started));

        hanging.SetResult(ReconcileResult.Done);
        await Until.IsSoAsync(() => Volatile.Read(ref started) == 2);
        await stop.CancelAsync();
        await running;
    }

    public void Dispose()
    {
        _queue.Dispose();
    }

    /// <summary>Not ready before the wait less a fifth, and ready after the wait and a fifth.</summary>
    private void AssertReadyAfter(TimeSpan wait)
    {
        Assert.Equal((0, 1), (_queue.ReadyCount, _queue.DelayedCount));
        _clock.Advance(wait * 0.79);
        Assert.Equal(0, _queue.ReadyCount);
        _clock.Advance(wait * 0.42);
        Assert.Equal(1, _queue.ReadyCount);
    }

    private Controller Make(Func<ObjectKey, CancellationToken, Task<ReconcileResult>> reconcile, int workers = 2) =>
        new(
            "test", _queue, new Reconciler(reconcile), new ControllerOptions { Workers = workers },
            new ItemBackoff<ObjectKey>(new Random(1)), _metrics, _clock, NullLogger<Controller>.Instance);

    private sealed class Reconciler(Func<ObjectKey, CancellationToken, Task<ReconcileResult>> reconcile) : IReconciler
    {
        public Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken) =>
            reconcile(key, cancellationToken);
    }
}
