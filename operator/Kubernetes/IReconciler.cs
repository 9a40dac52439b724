namespace MailOperator.Kubernetes;

/// <summary>Brings one object to its wanted state, from whatever state it is in.</summary>
internal interface IReconciler
{
    Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken);
}

/// <summary>When to look again if nothing happens before.</summary>
internal readonly record struct ReconcileResult(TimeSpan? RequeueAfter)
{
    public static readonly ReconcileResult Done;

    public static ReconcileResult After(TimeSpan? delay) => new(delay);
}
