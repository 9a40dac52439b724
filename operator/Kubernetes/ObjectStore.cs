using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace MailOperator.Kubernetes;

/// <summary>What an informer has seen of one kind: the read side. Thread-safe; its objects must not be changed.</summary>
internal sealed class ObjectStore<T>
    where T : ApiObject
{
    private readonly ConcurrentDictionary<ObjectKey, T> _objects = new();

    public int Count => _objects.Count;

    public IEnumerable<T> All => _objects.Select(static pair => pair.Value);

    public T? Find(ObjectKey key) => _objects.GetValueOrDefault(key);

    internal bool TryRemove(ObjectKey key, [NotNullWhen(true)] out T? removed) => _objects.TryRemove(key, out removed);

    /// <summary>Stores the object and returns the one that it replaces.</summary>
    internal T? Put(T value)
    {
        T? before = Find(value.Key);
        _objects[value.Key] = value; // only the informer writes, so nothing comes in between
        return before;
    }

    /// <summary>Keys that are here and not in <paramref name="listed"/>: what vanished while nobody watched.</summary>
    internal IReadOnlyList<ObjectKey> KeysMissingFrom(IReadOnlySet<ObjectKey> listed) =>
        [.. _objects.Keys.Where(key => !listed.Contains(key))];
}
