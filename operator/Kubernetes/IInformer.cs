namespace MailOperator.Kubernetes;

/// <summary>An informer of whatever kind.</summary>
internal interface IInformer
{
    string Kind { get; }

    /// <summary>Objects in the cache.</summary>
    int Count { get; }

    /// <summary>Time since the API server was last heard: by a list, an event or a bookmark.</summary>
    TimeSpan Silence { get; }

    /// <summary>Completes once the first list is in the store.</summary>
    Task WaitForSyncAsync(CancellationToken cancellationToken);
}
