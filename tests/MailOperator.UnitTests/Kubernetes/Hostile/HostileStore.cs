using System.Globalization;
using System.Text.Json.Nodes;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.Kubernetes.Hostile;

/// <summary>
/// What an API server keeps, with one counter of versions: objects, and the log of events that watches read from.
/// Thread-safe.
/// </summary>
internal sealed class HostileStore
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<LoggedEvent> _log = [];
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version = 100;
    private long _compacted = 100;
    private int _uids;

    public long Version => Atomically(() => _version);

    /// <summary>Completes at the next change.</summary>
    public Task News => Atomically(() => _news.Task);

    public JsonObject? Find(ResourceType type, ObjectKey key) => Find(type.ObjectPath(key));

    public JsonObject? Find(string path) =>
        Atomically(() => _objects.TryGetValue(path, out JsonObject? found) ? Clone(found) : null);

    /// <summary>All objects of a collection, in the order of their names.</summary>
    public IReadOnlyList<JsonObject> All(string collection) =>
        Atomically(() =>
            _objects.Where(pair => IsIn(pair.Key, collection)).Select(static pair => Clone(pair.Value)).ToArray());

    /// <summary>Makes or changes an object as a person would; a changed spec is a new generation.</summary>
    public JsonObject Apply(ResourceType type, ObjectKey key, Action<JsonObject>? change = null) => Atomically(() =>
    {
        string path = type.ObjectPath(key);
        JsonObject value = _objects.TryGetValue(path, out JsonObject? present)
            ? Clone(present)
            : new JsonObject { ["metadata"] = new JsonObject { ["name"] = key.Name } };
        if (key.Namespace.Length > 0)
        {
            value["metadata"]!["namespace"] = key.Namespace;
        }

        change?.Invoke(value);
        return Put(path, value);
    });

    /// <summary>Replaces or makes what is at the path.</summary>
    public JsonObject Put(string path, JsonObject value) => Atomically(() =>
    {
        bool isNew = !_objects.TryGetValue(path, out JsonObject? before);
        JsonObject metadata = value["metadata"]!.AsObject();
        metadata["uid"] ??= isNew ? $"uid-{++_uids}" : (string)before!["metadata"]!["uid"]!;
        long generation = isNew ? 0 : (long)before!["metadata"]!["generation"]!;
        metadata["generation"] = isNew || !JsonNode.DeepEquals(before!["spec"], value["spec"])
            ? generation + 1
            : generation;
        bool isFreed = metadata["deletionTimestamp"] is not null
            && metadata["finalizers"] is not JsonArray { Count: > 0 };
        metadata["resourceVersion"] = Next();
        if (isFreed)
        {
            _objects.Remove(path);
        }
        else
        {
            _objects[path] = value;
        }

        Tell(isFreed ? "DELETED" : isNew ? "ADDED" : "MODIFIED", path, value);
        return Clone(value);
    });

    /// <summary>Deletes, or marks as deleted what a finalizer holds.</summary>
    public void Delete(ResourceType type, ObjectKey key) => Delete(type.ObjectPath(key));

    public void Delete(string path) => Atomically(() =>
    {
        JsonObject value = Clone(_objects[path]);
        value["metadata"]!["deletionTimestamp"] = "2026-11-24T12:00:00Z";
        return Put(path, value);
    });

    /// <summary>Tells every watch how far it is.</summary>
    public void Bookmark() => Atomically(() =>
    {
        Tell("BOOKMARK", "", new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = Next() } });
        return true;
    });

    /// <summary>Forgets the past: a watch from any earlier version is refused.</summary>
    public void Compact() => Atomically(() => _compacted = _version);

    public bool IsCompacted(long version) => Atomically(() => version < _compacted);

    public IReadOnlyList<LoggedEvent> EventsAfter(long version, string collection) => Atomically(() => _log
        .Where(logged => logged.Version > version && (logged.Path.Length == 0 || IsIn(logged.Path, collection)))
        .ToArray());

    /// <summary>Runs it with nobody in between.</summary>
    public TResult Atomically<TResult>(Func<TResult> action)
    {
        lock (_gate)
        {
            return action();
        }
    }

    // A collection across namespaces holds what is in each.
    private static bool IsIn(string path, string collection)
    {
        string[] parts = path.Split("/namespaces/");
        string[] rest = parts.Length == 2 ? parts[1].Split('/') : [];
        return path.StartsWith(collection + "/", StringComparison.Ordinal)
            || (rest.Length == 3 && $"{parts[0]}/{rest[1]}" == collection);
    }

    private string Next() => (++_version).ToString(CultureInfo.InvariantCulture);

    private void Tell(string type, string path, JsonObject value)
    {
        _log.Add(new LoggedEvent(_version, type, path, Clone(value)));
        _news.SetResult();
        _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static JsonObject Clone(JsonObject value) => value.DeepClone().AsObject();
}

/// <summary>An entry of the log; a bookmark belongs to no path.</summary>
internal sealed record LoggedEvent(long Version, string Type, string Path, JsonObject Object);
