using MailOperator.Kubernetes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

public sealed class LivenessTests : IAsyncDisposable
{
    private static readonly ObjectKey Key = new("shop", "grafana");
    private readonly FakeTimeProvider _clock = new();
    private readonly RuntimeMetrics _metrics = new();
    private readonly ControllerOptions _options = new() { Workers = 2, ReconcileTimeout = TimeSpan.FromSeconds(30) };
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<ReconcileResult> _hanging = new();
    private readonly WorkQueue<ObjectKey> _queue;
    private Task _running = Task.CompletedTask;
    private int _started;

    public LivenessTests() => _queue = new WorkQueue<ObjectKey>(_clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _hanging.TrySetResult(ReconcileResult.Done);
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _queue.Dispose();
    }

    [Theory]
    [InlineData(60, false)] // exactly twice its deadline
    [InlineData(61, true)]
    public async Task Problem_ReconcileThatDoesNotHeedItsDeadline_IsOneAfterTwiceThat(int seconds, bool isProblem)
    {
        Controller controller = Make();
        await HangAsync(controller, keys: 1);

        _clock.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(isProblem, Problem(controller) is not null);
    }

    [Fact]
    public async Task Problem_KeyWaitsWhileAllWorkersAreBusy_IsNone()
    {
        // Mutant: judge by the age of a key alone; a busy operator is killed for being busy.
        _options.ReconcileTimeout = TimeSpan.FromMinutes(10);
        Controller controller = Make();
        await HangAsync(controller, keys: 2);
        _queue.Add(Key);

        _clock.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal(TimeSpan.FromMinutes(6), _queue.OldestReadyAge);
        Assert.Null(Problem(controller));
    }

    [Fact]
    public void Problem_FollowerWithAFullQueue_IsNone()
    {
        // Mutant: judge followers too; each of them is restarted every few minutes.
        Controller controller = Make();
        _queue.Add(Key);

        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Null(Problem(controller));
    }

    [Theory]
    [InlineData(300, false)]
    [InlineData(301, true)]
    public async Task Problem_KeyWaitsBesideAnIdleWorker_IsOneAfterFiveMinutes(int seconds, bool isProblem)
    {
        _options.ReconcileTimeout = TimeSpan.FromMinutes(10);
        Controller controller = Make();
        await HangAsync(controller, keys: 2);
        _options.Workers = 3; // one more than there are: it is idle and takes nothing, as one that is stuck
        _queue.Add(Key);

        _clock.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(isProblem, Problem(controller) is not null);
    }

    [Fact]
    public async Task Problem_SecondOfTwoControllers_IsFound()
    {
        Controller sound = Make(), stuck = Make();
        await HangAsync(stuck, keys: 1);

        _clock.Advance(TimeSpan.FromMinutes(2));

        Assert.NotNull(Liveness.Problem([sound, stuck], _options));
    }

    [Fact]
    public async Task LongestRunning_AskedWhileReconcilesComeAndGo_NeverFails()
    {
        // Mutant: check that one is under way and then take the oldest: the last may end in between, and /healthz
        // fails.
        Controller controller = new(
            "test", _queue, new Quick(), _options, new ItemBackoff<ObjectKey>(new Random(1)), _metrics, _clock,
            NullLogger<Controller>.Instance);
        Task working = Task.Run(
            async () =>
            {
                for (int count = 0; count < 20_000; count++)
                {
                    _queue.Add(Key);
                    await controller.ProcessNextAsync(Token, Token);
                }
            },
            Token);

        while (!working.IsCompleted)
        {
            Assert.Equal(TimeSpan.Zero, controller.LongestRunning);
        }

        await working;
    }

    private string? Problem(Controller controller) => Liveness.Problem([controller], _options);

    private Controller Make() => new(
        "test", _queue, new Hanging(this), _options, new ItemBackoff<ObjectKey>(new Random(1)), _metrics, _clock,
        NullLogger<Controller>.Instance);

    private async Task HangAsync(Controller controller, int keys)
    {
        _running = controller.RunAsync(_stop.Token, CancellationToken.None);
        for (int number = 0; number < keys; number++)
        {
            _queue.Add(new ObjectKey("hanging", $"{number}"));
        }

        await Until.IsSoAsync(() => Volatile.Read(ref _started) == keys);
    }

    private sealed class Hanging(LivenessTests test) : IReconciler
    {
        public Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref test._started);
            return test._hanging.Task;
        }
    }

    private sealed class Quick : IReconciler
    {
        public Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken) =>
            Task.FromResult(ReconcileResult.Done);
    }
}
