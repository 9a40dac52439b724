namespace MailOperator.Kubernetes;

/// <summary>
/// Says by which keys an <see cref="ObjectStore{T}"/> finds an object, as an indexer of client-go. The keys must depend
/// on the object alone; the function must not throw.
/// </summary>
internal sealed class ObjectIndex<T, TKey>(Func<T, IEnumerable<TKey>> keysOf)
    where T : ApiObject
    where TKey : notnull
{
    public IEnumerable<TKey> KeysOf(T value) => keysOf(value);
}

/// <summary>One index of one store. Not thread-safe: the store's lock guards it.</summary>
internal interface IObjectBuckets<in T>
{
    void Update(ObjectKey key, T? before, T? after);
}

/// <summary>Holds keys of objects and not objects, so that an update that moves nothing costs nothing.</summary>
internal sealed class ObjectBuckets<T, TKey>(ObjectIndex<T, TKey> index) : IObjectBuckets<T>
    where T : ApiObject
    where TKey : notnull
{
    private readonly Dictionary<TKey, HashSet<ObjectKey>> _buckets = [];

    public HashSet<ObjectKey>? Find(TKey key) => _buckets.GetValueOrDefault(key);

    public void Update(ObjectKey key, T? before, T? after)
    {
        IEnumerable<TKey> old = before is null
            ? []
            : index.KeysOf(before), now = after is null ? [] : index.KeysOf(after);
        if (old.SequenceEqual(now))
        {
            return;
        }

        foreach (TKey one in old)
        {
            if (_buckets.TryGetValue(one, out HashSet<ObjectKey>? bucket) && bucket.Remove(key) && bucket.Count == 0)
            {
                _buckets.Remove(one);
            }
        }

        foreach (TKey one in now)
        {
            if (!_buckets.TryGetValue(one, out HashSet<ObjectKey>? bucket))
            {
                _buckets[one] = bucket = [];
            }

            bucket.Add(key);
        }
    }
}
