using MailOperator.Kubernetes;
using MailOperator.UnitTests.Kubernetes.Hostile;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>The order of things when an operator begins to lead, and when it ends.</summary>
public sealed class OperatorRuntimeTests : IAsyncLifetime
{
    private static readonly ObjectKey LeaseKey = new("mail-operator", "mail-operator");
    private static readonly ObjectKey Key = new("shop", "grafana");
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly RuntimeMetrics _metrics = new();
    private readonly TaskCompletionSource _sync = new();
    private readonly TaskCompletionSource _started = new();
    private readonly TaskCompletionSource _finish = new();
    private readonly WorkQueue<ObjectKey> _queue;
    private readonly Controller _controller;
    private HostileApiServer _server = null!; // made in InitializeAsync
    private OperatorRuntime _runtime = null!;
    private int _lost;
    private int _prepared;
    private Func<CancellationToken, Task> _loop = static _ => Task.CompletedTask;

    public OperatorRuntimeTests()
    {
        _queue = new WorkQueue<ObjectKey>(_clock);
        _controller = new Controller(
            "test", _queue, new Slow(_started, _finish),
            new ControllerOptions { Workers = 2, ReconcileTimeout = TimeSpan.FromMinutes(10) },
            new ItemBackoff<ObjectKey>(new Random(1)), _metrics, _clock, NullLogger<Controller>.Instance);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string? Holder => (string?)_server.Store.Find(ResourceType.Leases, LeaseKey)?["spec"]!["holderIdentity"];

    public async ValueTask InitializeAsync()
    {
        _server = await HostileApiServer.StartAsync();
        _runtime = Runtime(_server.Connect(_clock));
    }

    public async ValueTask DisposeAsync()
    {
        _finish.TrySetResult();
        await _runtime.StopAsync(CancellationToken.None);
        _runtime.Dispose();
        _queue.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Start_CachesNotFull_AsksForNoLease()
    {
        await _runtime.StartAsync(Token);
        Assert.False(_runtime.IsSynced);
        Assert.Empty(_server.Requests);

        _sync.SetResult();

        await Until.IsSoAsync(() => Holder == "pod-1");
        Assert.True(_runtime.IsSynced);
    }

    [Fact]
    public async Task Start_AnotherLeads_IsReadyAndDoesNotWork()
    {
        await new LeaderLease(
            _server.Connect(_clock), new(), LeaseKey, "pod-2", _clock, new Random(1),
            NullLogger<LeaderLease>.Instance).AcquireAsync(Token);
        _queue.Add(Key);
        _sync.SetResult();

        await _runtime.StartAsync(Token);
        await Until.IsSoAsync(() => _server.Count("get") == 2);

        Assert.True(_runtime.IsSynced);
        Assert.Equal((0, false, 1), (_prepared, _controller.IsWorking, _queue.ReadyCount));
    }

    [Fact]
    public async Task Stop_ReconcileUnderWay_EndsItAndReleasesTheLeaseLast()
    {
        // Mutant: release the lease at once; the next leader works beside what is still under way.
        await LeadAsync();
        Task stopping = _runtime.StopAsync(Token);
        await _server.AdvanceAsync(_clock, Step, () => _server.Count("update") >= 1);
        Assert.Equal("pod-1", Holder);

        _finish.SetResult();
        await Until.IsSoAsync(() => stopping.IsCompleted);

        Assert.Equal("", Holder);
        Assert.Equal(0, _lost);
    }

    [Fact]
    public async Task Stop_ReconcileOutlastsTheLease_HoldsItUntilTheEnd()
    {
        // Mutant: stop renewing at the signal; the lease expires, and two leaders work at once.
        await LeadAsync();
        Task stopping = _runtime.StopAsync(Token);
        long stopped = _clock.GetTimestamp();
        await _server.AdvanceAsync(
            _clock, Step,
            () => _clock.GetElapsedTime(stopped) > OperatorRuntime.GracePeriod && _server.Count("update") >= 8);
        Assert.Equal("pod-1", Holder);

        _finish.SetResult();
        await Until.IsSoAsync(() => stopping.IsCompleted);

        Assert.Equal("", Holder);
        Assert.Equal(0, _lost);
    }

    [Fact]
    public async Task Stop_LoopUnderWay_IsAwaitedBeforeTheLeaseIsReleased()
    {
        // Mutant: start the loop and do not await it; it works on beside the next leader.
        var finish = new TaskCompletionSource();
        var told = new TaskCompletionSource();
        _loop = async token =>
        {
            await using CancellationTokenRegistration registration = token.Register(told.SetResult);
            await finish.Task;
            token.ThrowIfCancellationRequested();
        };
        await LeadAsync();
        _finish.SetResult();
        Task stopping = _runtime.StopAsync(Token);
        await told.Task.WaitAsync(Token);
        Assert.Equal("pod-1", Holder);

        finish.SetResult();
        await Until.IsSoAsync(() => stopping.IsCompleted);

        Assert.Equal("", Holder);
        Assert.False(_runtime.ExecuteTask!.IsFaulted);
    }

    [Fact]
    public async Task Start_AnotherLeads_RunsNoLoop()
    {
        int runs = 0;
        _loop = _ => Task.FromResult(runs++);
        await new LeaderLease(
            _server.Connect(_clock), new(), LeaseKey, "pod-2", _clock, new Random(1),
            NullLogger<LeaderLease>.Instance).AcquireAsync(Token);
        _sync.SetResult();

        await _runtime.StartAsync(Token);
        await Until.IsSoAsync(() => _server.Count("get") == 2);

        Assert.Equal(0, runs);
    }

    [Fact]
    public async Task Lead_LoopFails_StopsTheControllersReleasesTheLeaseAndFails()
    {
        // Mutant: wait for all before the failure is seen; the operator works on without the loop and nobody knows.
        var fail = new TaskCompletionSource();
        _loop = async _ =>
        {
            await fail.Task;
            throw new InvalidOperationException("broken");
        };
        await LeadAsync();
        _finish.SetResult();

        fail.SetResult();
        await Until.IsSoAsync(() => _runtime.ExecuteTask!.IsFaulted); // at which the host ends the process

        Assert.Equal(("", false), (Holder, _controller.IsWorking));
        Assert.Equal(0, _lost);
    }

    [Fact]
    public async Task Lead_LeaseStolen_EndsTheProcess()
    {
        await LeadAsync();
        _server.Store.Apply(ResourceType.Leases, LeaseKey, static value => value["spec"]!["holderIdentity"] = "thief");

        await _server.AdvanceAsync(_clock, Step, () => _lost == 1);

        Assert.Equal("thief", Holder);
    }

    [Fact]
    public async Task Lead_RenewalThrowsUnexpectedly_EndsTheProcess()
    {
        // Mutant: ignore a failed renewal task; the operator works on without a lease.
        using var api = new FakeApi
        {
            Default = static _ => throw new UnauthorizedAccessException("the token file cannot be read"),
        };
        api.Answer(System.Net.HttpStatusCode.NotFound, FakeApi.Status(404, "NotFound"))
            .Answer(System.Net.HttpStatusCode.Created);
        using OperatorRuntime runtime = Runtime(api.Connect(_clock));
        _sync.SetResult();
        await runtime.StartAsync(Token);
        await Until.IsSoAsync(() => _controller.IsWorking);

        await _server.AdvanceAsync(_clock, Step, () => _lost == 1);

        _finish.SetResult();
        await runtime.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Stop_BeforeItLed_EndsQuietly()
    {
        await _runtime.StartAsync(Token);

        await _runtime.StopAsync(Token);

        Assert.False(_runtime.ExecuteTask!.IsFaulted);
        Assert.Empty(_server.Requests);
    }

    private async Task LeadAsync()
    {
        _sync.SetResult();
        _queue.Add(Key);
        await _runtime.StartAsync(Token);
        await _started.Task.WaitAsync(Token);
        Assert.Equal(("pod-1", 1), (Holder, _prepared));
    }

    private OperatorRuntime Runtime(KubernetesApi api) => new(
        [_controller],
        [token => _loop(token)],
        waitForSync: _sync.Task.WaitAsync,
        prepare: _ =>
        {
            _prepared++;
            return Task.CompletedTask;
        },
        new LeaderLease(
            api, new LeaderElectionOptions(), LeaseKey, "pod-1", _clock, new Random(1),
            NullLogger<LeaderLease>.Instance),
        lostLease: () => _lost++,
        NullLogger<OperatorRuntime>.Instance);

    private sealed class Slow(TaskCompletionSource started, TaskCompletionSource finish) : IReconciler
    {
        public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
        {
            started.TrySetResult();
            await finish.Task.WaitAsync(cancellationToken);
            return ReconcileResult.Done;
        }
    }
}
