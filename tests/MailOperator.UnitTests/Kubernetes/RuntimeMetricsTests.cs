using MailOperator.Kubernetes;
using MailOperator.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

public sealed class RuntimeMetricsTests : IDisposable
{
    private static readonly string[] Both = ["one", "two"];
    private readonly RuntimeMetrics _metrics = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly WorkQueue<ObjectKey> _queue;

    public RuntimeMetricsTests() => _queue = new WorkQueue<ObjectKey>(_clock);

    [Fact]
    public void Controller_BeforeItsFirstReconcile_IsThereAtZero()
    {
        Controller("one", static () => ReconcileResult.Done);
        Controller("two", static () => ReconcileResult.Done);

        IReadOnlyDictionary<string, double> shown = MetricsPage.Read(_metrics).Samples;

        Assert.All(Both, name =>
        {
            // Mutant: publish both under one set of labels.
            Assert.Equal(0, shown[$"workqueue_depth{{name=\"{name}\",controller=\"{name}\"}}"]);
            Assert.Equal(0, shown[$"workqueue_adds_total{{name=\"{name}\",controller=\"{name}\"}}"]);
            Assert.Equal(0, shown[$"controller_runtime_reconcile_errors_total{{controller=\"{name}\"}}"]);
            Assert.Equal(
                0, shown[$"controller_runtime_reconcile_total{{controller=\"{name}\",result=\"error\"}}"]);
            Assert.Equal(0, shown[$"controller_runtime_reconcile_time_seconds_count{{controller=\"{name}\"}}"]);
        });
        Assert.Equal(0, shown["mail_operator_events_dropped_total"]);
    }

    [Fact]
    public async Task Queue_KeysThatWait_AreItsDepthAndItsAge()
    {
        Controller controller = Controller("one", static () => ReconcileResult.Done);
        _queue.Add(new ObjectKey("a", "b"));
        _queue.Add(new ObjectKey("a", "c"));
        _clock.Advance(TimeSpan.FromSeconds(7));

        IReadOnlyDictionary<string, double> waiting = MetricsPage.Read(_metrics).Samples;
        await controller.ProcessNextAsync(CancellationToken.None, CancellationToken.None);
        IReadOnlyDictionary<string, double> after = MetricsPage.Read(_metrics).Samples;

        Assert.Equal(2, waiting["workqueue_depth{name=\"one\",controller=\"one\"}"]);
        Assert.Equal(2, waiting["workqueue_adds_total{name=\"one\",controller=\"one\"}"]);
        // A follower only collects keys: that none is taken there is no backlog.
        Assert.Equal(0, waiting["mail_operator_workqueue_oldest_ready_seconds{controller=\"one\"}"]);
        Assert.Equal(1, after["workqueue_depth{name=\"one\",controller=\"one\"}"]);
        Assert.Equal(7, after["workqueue_queue_duration_seconds_sum{name=\"one\",controller=\"one\"}"]);
    }

    [Theory]
    [InlineData("success")]
    [InlineData("requeue_after")]
    [InlineData("requeue")]
    [InlineData("error")]
    public async Task Reconcile_EachEnd_IsCountedAsControllerRuntimeDoes(string result)
    {
        Controller controller = Controller("one", () => result switch
        {
            "success" => ReconcileResult.Done,
            "requeue_after" => new ReconcileResult(TimeSpan.FromMinutes(1)),
            "requeue" => throw new ApiException(System.Net.HttpStatusCode.Conflict, "Conflict", "changed"),
            _ => throw new InvalidOperationException("broken"),
        });
        _queue.Add(new ObjectKey("a", "b"));

        await controller.ProcessNextAsync(CancellationToken.None, CancellationToken.None);

        MetricsPage page = MetricsPage.Read(_metrics);
        Assert.Equal(
            1, page.Samples[$"controller_runtime_reconcile_total{{controller=\"one\",result=\"{result}\"}}"]);
        Assert.Equal(1, page.Sum("controller_runtime_reconcile_total"));
        Assert.Equal(result == "error" ? 1 : 0, page.Sum("controller_runtime_reconcile_errors_total"));
        Assert.Equal(result is "error" or "requeue" ? 1 : 0, page.Sum("workqueue_retries_total"));
    }

    [Fact]
    public void Build_Information_IsThere() => Assert.Contains(
        $"mail_operator_build_info{{version=\"{ProductVersion.Value}\",revision=\"", MetricsPage.Read(_metrics).Text);

    public void Dispose() => _queue.Dispose();

    private Controller Controller(string name, Func<ReconcileResult> reconcile)
    {
        var controller = new Controller(
            name, _queue, new Reconciler(reconcile), new ControllerOptions(),
            new ItemBackoff<ObjectKey>(new Random(1)), _metrics, _clock, NullLogger<Controller>.Instance);
        _metrics.Observe(controller);
        return controller;
    }

    private sealed class Reconciler(Func<ReconcileResult> reconcile) : IReconciler
    {
        public Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken) =>
            Task.FromResult(reconcile());
    }
}
