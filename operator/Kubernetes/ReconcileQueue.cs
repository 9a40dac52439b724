namespace MailOperator.Kubernetes;

/// <summary>The keys of one kind that wait to be reconciled.</summary>
internal sealed class ReconcileQueue<T>(TimeProvider clock) : IDisposable
    where T : ApiObject
{
    public WorkQueue<ObjectKey> Keys { get; } = new(clock);

    public void Add(ObjectKey key, QueueLane lane = QueueLane.Change) => Keys.Add(key, lane);

    /// <summary>All of these, behind what people have changed.</summary>
    public void AddAll(IEnumerable<T> objects)
    {
        foreach (T one in objects)
        {
            Keys.Add(one.Key, QueueLane.Resync);
        }
    }

    public void Dispose() => Keys.Dispose();
}
