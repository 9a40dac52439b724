using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>
/// The parts of an API server that these tests need: versions, UIDs, preconditions, finalizers, the status subresource.
/// It handles one request at a time. Edits by people go through <see cref="Edit"/> and <see cref="Delete"/>.
/// </summary>
internal sealed class MemoryCluster(TimeProvider clock)
{
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private int _version = 100;
    private int _uids;
    private int _devices = 1; // the device has the same UID however it was created

    /// <summary>Called after every change of a Secret.</summary>
    public Action SecretChanged { get; set; } = static () => { };

    /// <summary>Paths that the operator may not access.</summary>
    public Func<string, bool> IsForbidden { get; set; } = static _ => false;

    /// <summary>Paths where the server fails and does nothing.</summary>
    public Func<string, bool> IsBroken { get; set; } = static _ => false;

    public JsonObject? Find(string plural, ObjectKey key) => _objects.GetValueOrDefault(Id(plural, key));

    public IReadOnlyList<JsonObject> All(string plural) =>
        [.. _objects.Where(pair => pair.Key.StartsWith(plural + "/", StringComparison.Ordinal))
            .Select(static pair => pair.Value)];

    public JsonObject Create(string plural, string @namespace, JsonObject value)
    {
        JsonNode metadata = value["metadata"]!;
        string id = Id(plural, new ObjectKey(@namespace, metadata["name"]!.GetValue<string>()));
        if (_objects.ContainsKey(id))
        {
            throw new Refusal(HttpStatusCode.Conflict, "AlreadyExists");
        }

        metadata["namespace"] = @namespace;
        metadata["uid"] = $"uid-{plural}-{(plural == "maildevices" ? ++_devices : ++_uids)}";
        metadata["generation"] = 1;
        metadata["creationTimestamp"] = Rfc3339.Format(clock.GetUtcNow());
        Store(id, value);
        return value;
    }

    public void Edit(string plural, ObjectKey key, Action<JsonObject> edit)
    {
        string id = Id(plural, key);
        var edited = (JsonObject)_objects[id].DeepClone();
        edit(edited);
        if (!JsonNode.DeepEquals(edited["spec"], _objects[id]["spec"]))
        {
            edited["metadata"]!["generation"] = edited["metadata"]!["generation"]!.GetValue<int>() + 1;
        }

        Store(id, edited);
    }

    public void Delete(string plural, ObjectKey key)
    {
        string id = Id(plural, key);
        if (_objects[id]["metadata"]!["finalizers"] is JsonArray { Count: > 0 })
        {
            Edit(plural, key, one => one["metadata"]!["deletionTimestamp"] ??= Rfc3339.Format(clock.GetUtcNow()));
        }
        else
        {
            Remove(id);
        }
    }

    public void CopyFrom(MemoryCluster other)
    {
        (_version, _uids, _devices) = (other._version, other._uids, other._devices);
        foreach ((string id, JsonObject one) in other._objects)
        {
            _objects[id] = (JsonObject)one.DeepClone();
        }
    }

    /// <summary>Deletes objects whose owners are gone, as the cluster's garbage collector does.</summary>
    public void CollectGarbage()
    {
        HashSet<string> alive = [.. _objects.Values.Select(static one => one["metadata"]!["uid"]!.GetValue<string>())];
        foreach ((string id, JsonObject one) in _objects.ToList())
        {
            if (one["metadata"]!["ownerReferences"] is JsonArray { Count: > 0 } owners
                && owners.All(owner => !alive.Contains(owner!["uid"]!.GetValue<string>())))
            {
                string[] parts = id.Split('/');
                Delete(parts[0], new ObjectKey(parts[1], parts[2]));
            }
        }
    }

    /// <summary>Answers a request as the API server does.</summary>
    public (HttpStatusCode Status, string Body) Answer(string method, string path, string body)
    {
        // api/v1/namespaces/NS/PLURAL[/NAME[/SUB]] and apis/GROUP/VERSION/namespaces/NS/PLURAL[/NAME[/SUB]]
        string[] parts = path.Trim('/').Split('/');
        string[] rest = parts[(parts[0] == "api" ? 3 : 4)..];
        try
        {
            if (IsForbidden(path))
            {
                throw new Refusal(HttpStatusCode.Forbidden, "Forbidden");
            }

            if (IsBroken(path))
            {
                throw new Refusal(HttpStatusCode.InternalServerError, "InternalError");
            }

            JsonNode? answer = rest.Length == 2
                ? Create(rest[1], rest[0], JsonNode.Parse(body)!.AsObject())
                : Answer(method, rest[1], new ObjectKey(rest[0], rest[2]), rest.Length > 3, body);
            return (HttpStatusCode.OK, answer?.ToJsonString() ?? """{"kind":"Status","status":"Success"}""");
        }
        catch (Refusal e)
        {
            return (
                e.Status,
                $$"""{"kind":"Status","code":{{(int)e.Status}},"reason":"{{e.Reason}}","message":"refused"}""");
        }
    }

    private JsonObject? Answer(string method, string plural, ObjectKey key, bool isStatus, string body)
    {
        JsonObject found = Find(plural, key) ?? throw new Refusal(HttpStatusCode.NotFound, "NotFound");
        switch (method)
        {
            case "GET":
                return found;
            case "DELETE":
                ThrowUnlessHolds(found, JsonNode.Parse(body)!["preconditions"]?.AsObject());
                Delete(plural, key);
                return null;
            case "PATCH" when body.StartsWith('['):
                Patch(plural, key, found, JsonNode.Parse(body)!.AsArray(), isStatus);
                return Find(plural, key);
            case "PATCH":
                Merge(plural, key, found, JsonNode.Parse(body)!.AsObject());
                return Find(plural, key);
            default:
                throw new Refusal(HttpStatusCode.MethodNotAllowed, "MethodNotAllowed");
        }
    }

    private void Patch(string plural, ObjectKey key, JsonObject before, JsonArray operations, bool isStatus)
    {
        JsonObject after = JsonPatch.Apply(before, operations)
            ?? throw new Refusal(HttpStatusCode.UnprocessableEntity, "Invalid");
        // The endpoint of the object does not write the status, and that of the status writes nothing else.
        JsonObject result = (JsonObject)(isStatus ? before : after).DeepClone();
        result["status"] = (isStatus ? after : before)["status"]?.DeepClone();
        bool isDeleting = before["metadata"]!["deletionTimestamp"] is not null;
        if (isDeleting && Finalizers(result) > Finalizers(before))
        {
            throw new Refusal(HttpStatusCode.UnprocessableEntity, "Invalid");
        }

        if (isDeleting && Finalizers(result) == 0)
        {
            Remove(Id(plural, key));
            return;
        }

        StoreIfChanged(Id(plural, key), before, result);
    }

    private void Merge(string plural, ObjectKey key, JsonObject before, JsonObject patch)
    {
        ThrowUnlessHolds(before, patch["metadata"]?.AsObject());
        var after = (JsonObject)before.DeepClone();
        JsonPatch.Merge(after, patch);
        if (before["immutable"]?.GetValue<bool>() == true && !JsonNode.DeepEquals(before["data"], after["data"]))
        {
            throw new Refusal(HttpStatusCode.UnprocessableEntity, "Invalid");
        }

        if (after["spec"] is not null && !JsonNode.DeepEquals(before["spec"], after["spec"]))
        {
            after["metadata"]!["generation"] = after["metadata"]!["generation"]!.GetValue<int>() + 1;
        }

        StoreIfChanged(Id(plural, key), before, after);
    }

    private static int Finalizers(JsonObject one) => (one["metadata"]!["finalizers"] as JsonArray)?.Count ?? 0;

    private static void ThrowUnlessHolds(JsonObject found, JsonObject? preconditions)
    {
        foreach (string name in (string[])["uid", "resourceVersion"])
        {
            if (preconditions?[name] is { } wanted && !JsonNode.DeepEquals(wanted, found["metadata"]![name]))
            {
                throw new Refusal(HttpStatusCode.Conflict, "Conflict");
            }
        }
    }

    private void StoreIfChanged(string id, JsonObject before, JsonObject after)
    {
        if (!JsonNode.DeepEquals(before, after))
        {
            Store(id, after);
        }
    }

    private void Store(string id, JsonObject value)
    {
        value["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        _objects[id] = value;
        Notify(id);
    }

    private void Remove(string id)
    {
        _objects.Remove(id);
        Notify(id);
    }

    private void Notify(string id)
    {
        if (id.StartsWith("secrets/", StringComparison.Ordinal))
        {
            SecretChanged();
        }
    }

    private static string Id(string plural, ObjectKey key) => $"{plural}/{key}";

    private sealed class Refusal(HttpStatusCode status, string reason) : Exception
    {
        public HttpStatusCode Status { get; } = status;

        public string Reason { get; } = reason;
    }
}
