using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace MailOperator.Kubernetes;

/// <summary>
/// What an informer has seen of one kind: the read side. Thread-safe; its objects must not be changed.
/// </summary>
internal sealed class ObjectStore<T>
    where T : ApiObject
{
    private readonly ConcurrentDictionary<ObjectKey, T> _objects = new();
    private readonly Lock _gate = new(); // of every write and of the indexes; Find and All take none
    private readonly Dictionary<object, IObjectBuckets<T>> _indexes = [];

    public int Count => _objects.Count;

    public IEnumerable<T> All => _objects.Select(static pair => pair.Value);

    public T? Find(ObjectKey key) => _objects.GetValueOrDefault(key);

    /// <summary>
    /// The objects that the index gives this key, in no order, without a scan: the index is made by the first call and
    /// follows the store from then on.
    /// </summary>
    public IReadOnlyList<T> ByIndex<TKey>(ObjectIndex<T, TKey> index, TKey key)
        where TKey : notnull
    {
        lock (_gate)
        {
            if (BucketsLocked(index).Find(key) is not { } found)
            {
                return [];
            }

            var values = new T[found.Count];
            int next = 0;
            foreach (ObjectKey one in found)
            {
                values[next++] = _objects[one];
            }

            return values;
        }
    }

    internal bool TryRemove(ObjectKey key, [NotNullWhen(true)] out T? removed)
    {
        lock (_gate)
        {
            bool isRemoved = _objects.TryRemove(key, out removed);
            if (isRemoved)
            {
                UpdateIndexesLocked(key, removed, null);
            }

            return isRemoved;
        }
    }

    /// <summary>Stores the object and returns the one that it replaces.</summary>
    internal T? Put(T value)
    {
        lock (_gate)
        {
            T? before = Find(value.Key);
            _objects[value.Key] = value;
            UpdateIndexesLocked(value.Key, before, value);
            return before;
        }
    }

    /// <summary>Keys that are here and not in <paramref name="listed"/>: what vanished while nobody watched.</summary>
    internal IReadOnlyList<ObjectKey> KeysMissingFrom(IReadOnlySet<ObjectKey> listed) =>
        [.. _objects.Keys.Where(key => !listed.Contains(key))];

    private ObjectBuckets<T, TKey> BucketsLocked<TKey>(ObjectIndex<T, TKey> index)
        where TKey : notnull
    {
        if (_indexes.TryGetValue(index, out IObjectBuckets<T>? known))
        {
            return (ObjectBuckets<T, TKey>)known;
        }

        var made = new ObjectBuckets<T, TKey>(index);
        foreach ((ObjectKey key, T value) in _objects)
        {
            made.Update(key, null, value);
        }

        _indexes.Add(index, made);
        return made;
    }

    private void UpdateIndexesLocked(ObjectKey key, T? before, T? after)
    {
        foreach (IObjectBuckets<T> buckets in _indexes.Values)
        {
            buckets.Update(key, before, after);
        }
    }
}
