using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace MailOperator.UnitTests.Kubernetes.Hostile;

/// <summary>What the server answers to everything but a watch.</summary>
internal static class HostileVerbs
{
    public static (HttpStatusCode Status, string Body) Answer(HostileStore store, ApiRequest request) =>
        store.Atomically(() => request.Verb switch
        {
            "list" => List(store, request),
            "get" => store.Find(request.Path) is { } found
                ? (HttpStatusCode.OK, Shown(request, found).ToJsonString())
                : NotFound(),
            "create" => Create(store, request),
            "update" => Update(store, request),
            "patch" => Patch(store, request),
            _ => Delete(store, request),
        });

    public static (HttpStatusCode Status, string Body) Refuse(ApiRequest request, Fault fault) => fault switch
    {
        Fault.GoneStatus => Refusal(HttpStatusCode.Gone, "Expired", "too old"),
        Fault.Conflict => Refusal(HttpStatusCode.Conflict, "Conflict", $"cannot be fulfilled on {request.Body}"),
        Fault.Invalid => Refusal(
            HttpStatusCode.UnprocessableEntity, "Invalid", $"Invalid value: {request.Body}",
            new JsonObject
            {
                ["kind"] = "Thing",
                ["causes"] = new JsonArray(new JsonObject { ["reason"] = "FieldValueInvalid" }),
            }),
        Fault.Forbidden => Refusal(
            HttpStatusCode.Forbidden, "Forbidden", "because",
            new JsonObject
            {
                ["kind"] = "things",
                ["causes"] = new JsonArray(new JsonObject { ["reason"] = "NamespaceTerminating" }),
            }),
        Fault.Throttled => Refusal(HttpStatusCode.TooManyRequests, "TooManyRequests", "wait"),
        _ => (HttpStatusCode.InternalServerError, "<html>an error page</html>"),
    };

    public static string Status(HttpStatusCode code, string reason, string message, JsonObject? details = null) =>
        new JsonObject
        {
            ["kind"] = "Status",
            ["code"] = (int)code,
            ["reason"] = reason,
            ["message"] = message,
            ["details"] = details,
        }.ToJsonString();

    public static string Line(string type, JsonNode value) =>
        new JsonObject { ["type"] = type, ["object"] = value }.ToJsonString() + "\n";

    /// <summary>The object, or its metadata alone where that was asked for.</summary>
    public static JsonObject Shown(ApiRequest request, JsonObject value) =>
        request.Accept.Contains("as=PartialObjectMetadata", StringComparison.Ordinal)
            ? new JsonObject { ["kind"] = "PartialObjectMetadata", ["metadata"] = value["metadata"]!.DeepClone() }
            : value.DeepClone().AsObject();

    private static (HttpStatusCode Status, string Body) List(HostileStore store, ApiRequest request)
    {
        long version = store.Version;
        string after = "";
        if (request.Query["continue"] is [{ } token])
        {
            string[] parts = token.Split(':');
            version = long.Parse(parts[0], CultureInfo.InvariantCulture);
            after = parts[1];
            if (store.IsCompacted(version))
            {
                return Refusal(HttpStatusCode.Gone, "Expired", "The provided continue parameter is too old");
            }
        }

        int limit = int.Parse(request.Query["limit"]!, CultureInfo.InvariantCulture);
        JsonObject[] rest = [.. store.All(request.Path).Where(item => string.CompareOrdinal(Place(item), after) > 0)];
        JsonObject[] page = [.. rest.Take(limit)];
        var metadata = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };
        if (rest.Length > page.Length)
        {
            metadata["continue"] = $"{version}:{Place(page[^1])}";
        }

        // As a Go server writes an empty list.
        JsonNode? items = page.Length == 0 ? null : new JsonArray([.. page.Select(item => Shown(request, item))]);
        return (HttpStatusCode.OK, new JsonObject { ["metadata"] = metadata, ["items"] = items }.ToJsonString());
    }

    private static string Place(JsonObject item) =>
        $"{(string?)item["metadata"]!["namespace"]}/{(string?)item["metadata"]!["name"]}";

    private static (HttpStatusCode Status, string Body) Create(HostileStore store, ApiRequest request)
    {
        string path = $"{request.Path}/{(string)request.Json["metadata"]!["name"]!}";
        return store.Find(path) is null
            ? (HttpStatusCode.Created, store.Put(path, request.Json).ToJsonString())
            : Refusal(HttpStatusCode.Conflict, "AlreadyExists", "it already exists");
    }

    private static (HttpStatusCode Status, string Body) Update(HostileStore store, ApiRequest request)
    {
        if (store.Find(request.Path) is not { } present)
        {
            return NotFound();
        }

        JsonNode? expected = request.Json["metadata"]!["resourceVersion"];
        return expected is not null && !JsonNode.DeepEquals(expected, present["metadata"]!["resourceVersion"])
            ? Refusal(HttpStatusCode.Conflict, "Conflict", "it has been modified")
            : (HttpStatusCode.OK, store.Put(request.Path, request.Json).ToJsonString());
    }

    private static (HttpStatusCode Status, string Body) Patch(HostileStore store, ApiRequest request)
    {
        if (store.Find(request.Path) is not { } value)
        {
            return NotFound();
        }

        if (request.ContentType.Contains("merge-patch", StringComparison.Ordinal))
        {
            JsonPatch.Merge(value, request.Json);
        }
        else if (!JsonPatch.TryApply(value, JsonNode.Parse(request.Body)!.AsArray()))
        {
            return Refusal(HttpStatusCode.UnprocessableEntity, "Invalid", "because", details: []);
        }

        return (HttpStatusCode.OK, store.Put(request.Path, value).ToJsonString());
    }

    private static (HttpStatusCode Status, string Body) Delete(HostileStore store, ApiRequest request)
    {
        if (store.Find(request.Path) is not { } present)
        {
            return NotFound();
        }

        JsonNode? uid = request.Json["preconditions"]?["uid"];
        if (uid is not null && !JsonNode.DeepEquals(uid, present["metadata"]!["uid"]))
        {
            return Refusal(HttpStatusCode.Conflict, "Conflict", "Precondition failed: UID in precondition");
        }

        store.Delete(request.Path);
        return (HttpStatusCode.OK, Status(HttpStatusCode.OK, "Success", ""));
    }

    private static (HttpStatusCode Status, string Body) NotFound() =>
        Refusal(HttpStatusCode.NotFound, "NotFound", "not found");

    private static (HttpStatusCode Status, string Body) Refusal(
        HttpStatusCode code, string reason, string message, JsonObject? details = null) =>
        (code, Status(code, reason, message, details));
}
