namespace MailOperator.Kubernetes;

/// <summary>Brings one object from any state to its desired state.</summary>
internal interface IReconciler
{
    Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken);
}

/// <summary>When to reconcile again if nothing changes before; null for never.</summary>
internal readonly record struct ReconcileResult(TimeSpan? RequeueAfter)
{
    public static readonly ReconcileResult Done;

    public static ReconcileResult After(TimeSpan? delay) => new(delay);
}
