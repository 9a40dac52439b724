namespace MailOperator.Kubernetes;

/// <summary>An informer of whatever kind.</summary>
internal interface IInformer
{
    /// <summary>Completes once the first list is in the store.</summary>
    Task WaitForSyncAsync(CancellationToken cancellationToken);
}
