namespace MailOperator.Kubernetes;

/// <summary>Judges by progress: a process that answers but no longer works is not alive.</summary>
internal static class Liveness
{
    public static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(5);

    /// <summary>What is wrong, or null.</summary>
    public static string? Problem(IEnumerable<Controller> controllers, ControllerOptions options)
    {
        foreach (Controller controller in controllers)
        {
            if (controller.LongestRunning > 2 * options.ReconcileTimeout)
            {
                return $"controller {controller.Name}: a reconcile has run for {controller.LongestRunning}, twice its deadline";
            }

            if (controller.HasIdleWorker && controller.IsWorking && controller.Queue.OldestReadyAge > MaxWait)
            {
                return $"controller {controller.Name}: a key has waited for {controller.Queue.OldestReadyAge} beside idle workers";
            }
        }

        return null;
    }
}
