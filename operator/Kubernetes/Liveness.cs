namespace MailOperator.Kubernetes;

/// <summary>Judges by progress: a process that answers probes and no longer reconciles is not alive.</summary>
internal static class Liveness
{
    public static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(5);

    /// <summary>What is wrong; null if nothing is.</summary>
    public static string? Problem(IEnumerable<Controller> controllers, ControllerOptions options)
    {
        foreach (Controller controller in controllers)
        {
            if (controller.LongestRunning > 2 * options.ReconcileTimeout)
            {
                return $"controller {controller.Name}: a reconcile has been running for {controller.LongestRunning}, "
                    + "more than twice its deadline";
            }

            if (controller.HasIdleWorker && controller.IsWorking && controller.Queue.OldestReadyAge > MaxWait)
            {
                return $"controller {controller.Name}: a key has been waiting for {controller.Queue.OldestReadyAge} "
                    + "while workers are idle";
            }
        }

        return null;
    }
}
