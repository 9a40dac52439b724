namespace MailOperator.Kubernetes;

/// <summary>Enqueues every object of a kind from time to time, in case the world changed without an event.</summary>
internal sealed class ResyncLoop<T>(
    ObjectStore<T> objects,
    ReconcileQueue<T> queue,
    ControllerOptions options,
    TimeProvider clock,
    Random random) : ILeaderLoop
    where T : ApiObject
{
    private readonly ResyncTimer _timer = new(clock, random, options.ResyncInterval, () => queue.AddAll(objects.All));

    public Task RunAsync(CancellationToken cancellationToken) => _timer.RunAsync(cancellationToken);
}
