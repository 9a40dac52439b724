namespace MailOperator.Kubernetes;

/// <summary>Runs beside the controllers while this process is the leader.</summary>
internal interface ILeaderLoop
{
    /// <summary>Completes soon after it is told to stop.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
