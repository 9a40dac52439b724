using MailOperator.Kubernetes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

public sealed class ControllerTests : IDisposable
{
    private static readonly ObjectKey Key = new("shop", "grafana");
    private readonly FakeTimeProvider _clock = new();
    private readonly RuntimeMetrics _metrics = new();
    private readonly WorkQueue<ObjectKey> _queue;
    private readonly ControllerOptions _options = new() { Workers = 2, ReconcileTimeout = TimeSpan.FromSeconds(30) };

    public ControllerTests() => _queue = new WorkQueue<ObjectKey>(_clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reconcile_FailsForever_IsTriedForeverWithCappedWaits()
    {
        // Mutant: give up after a number of tries; an outage that is longer would lose the object.
        Controller controller = Make((_, _) => throw new HttpRequestException("down"));
        _queue.Add(Key);
        for (int attempt = 0; attempt < 100; attempt++)
        {
            await controller.ProcessNextAsync(Token, Token);
            Assert.Equal(1, _queue.DelayedCount);
            _clock.Advance(
                ItemBackoff<ObjectKey>.MaxDelay * (1 + ItemBackoff<ObjectKey>.Spread) + TimeSpan.FromSeconds(1));
            Assert.Equal(1, _queue.ReadyCount);
        }
    }

    [Fact]
    public async Task Reconcile_Hangs_IsCutByTheDeadlineAndTriedAgain()
    {
        Controller controller = Make(async (_, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _clock, token);
            return ReconcileResult.Done;
        });
        _queue.Add(Key);
        Task working = controller.ProcessNextAsync(Token, Token);
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(working.IsCompleted);
        Assert.Equal(TimeSpan.FromSeconds(29), controller.LongestRunning);

        _clock.Advance(TimeSpan.FromSeconds(2));
        await working;

        Assert.Equal(1, _queue.DelayedCount);
    }

    [Fact]
    public async Task Reconcile_AsksToComeBack_ComesBack()
    {
        Controller controller = Make((_, _) => Task.FromResult(ReconcileResult.After(TimeSpan.FromHours(3))));
        _queue.Add(Key);
        await controller.ProcessNextAsync(Token, Token);

        _clock.Advance(TimeSpan.FromHours(3) + TimeSpan.FromSeconds(1));

        Assert.Equal(1, _queue.ReadyCount);
    }

    [Fact]
    public async Task Stop_WhileWorking_LetsTheReconcileEndAndTakesNoMore()
    {
        var release = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        int runs = 0;
        Controller controller = Make(async (_, _) =>
        {
            runs++;
            started.TrySetResult();
            await release.Task;
            return ReconcileResult.Done;
        });
        using var stop = new CancellationTokenSource();
        Task running = controller.RunAsync(stop.Token, Token);
        _queue.Add(Key);
        await started.Task;
        Assert.True(controller.IsWorking);

        await stop.CancelAsync();
        _queue.Add(new ObjectKey("shop", "other"));
        Assert.False(running.IsCompleted);
        release.SetResult();
        await running;

        Assert.Equal(1, runs);
        Assert.False(controller.IsWorking);
    }

    [Fact]
    public async Task Abandon_WhileWorking_CutsTheReconcile()
    {
        var started = new TaskCompletionSource();
        Controller controller = Make(async (_, token) =>
        {
            started.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, _clock, token);
            return ReconcileResult.Done;
        });
        using var stop = new CancellationTokenSource();
        using var abandon = new CancellationTokenSource();
        Task running = controller.RunAsync(stop.Token, abandon.Token);
        _queue.Add(Key);
        await started.Task;

        await stop.CancelAsync();
        await abandon.CancelAsync();

        await running;
    }

    [Fact]
    public void Liveness_StuckReconcileOrStarvedKey_IsAProblem()
    {
        Controller controller = Make((_, _) => Task.FromResult(ReconcileResult.Done));
        Assert.Null(Liveness.Problem([controller], _options));

        using var stop = new CancellationTokenSource();
        var never = new TaskCompletionSource<ReconcileResult>();
        Controller stuck = Make((_, _) => never.Task);
        _queue.Add(Key);
        Task working = stuck.ProcessNextAsync(Token, Token);
        _clock.Advance(TimeSpan.FromSeconds(61));

        Assert.Contains("twice its deadline", Liveness.Problem([stuck], _options));
        never.SetResult(ReconcileResult.Done);
        Assert.NotNull(working);
    }

    public void Dispose()
    {
        _queue.Dispose();
    }

    private Controller Make(Func<ObjectKey, CancellationToken, Task<ReconcileResult>> reconcile) => new(
        "test", _queue, new Reconciler(reconcile), _options, new ItemBackoff<ObjectKey>(new Random(1)), _metrics,
        _clock, NullLogger<Controller>.Instance);

    private sealed class Reconciler(Func<ObjectKey, CancellationToken, Task<ReconcileResult>> reconcile) : IReconciler
    {
        public Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken) =>
            reconcile(key, cancellationToken);
    }
}
