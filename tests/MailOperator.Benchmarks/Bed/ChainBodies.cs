using System.Text.Json;
using System.Text.Json.Nodes;

namespace MailOperator.Benchmarks.Bed;

/// <summary>
/// What the operator wrote for one device, as patterns for a bare client: the same fields and sizes, with other names.
/// </summary>
internal sealed class ChainBodies
{
    private const string Name = "__NAME__";
    private const string Uid = "__UID__";
    private const string Version = "__VERSION__";
    private const string Token = "__TOKEN__";

    private static readonly string[] OfTheServer =
        ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink"];

    private readonly string _device;
    private readonly string _merge;
    private readonly string _full;
    private readonly string _secret;
    private readonly string _status;
    private readonly string _event;

    private ChainBodies(JsonObject device, JsonObject secret, JsonObject @event, string name, string @namespace)
    {
        var metadata = (JsonObject)device["metadata"]!;
        string uid = (string)metadata["uid"]!;
        string Pattern(JsonNode node) => node.ToJsonString()
            .Replace(name, Name, StringComparison.Ordinal)
            .Replace(uid, Uid, StringComparison.Ordinal)
            .Replace((string)metadata["namespace"]!, @namespace, StringComparison.Ordinal)
            .Replace("\"mailoperator.io/v1alpha1\"", $"\"{ChainKind.ApiVersion}\"", StringComparison.Ordinal);

        _status = Pattern(new JsonArray(
            new JsonObject { ["op"] = "test", ["path"] = "/metadata/uid", ["value"] = uid },
            new JsonObject { ["op"] = "add", ["path"] = "/status", ["value"] = device["status"]!.DeepClone() }));
        var marked = new JsonObject
        {
            ["finalizers"] = metadata["finalizers"]!.DeepClone(),
            ["annotations"] = metadata["annotations"]?.DeepClone() ?? new JsonObject(),
        };
        _merge = Pattern(new JsonObject
        {
            ["metadata"] = With(marked, ("uid", uid), ("resourceVersion", Version)),
        });
        _device = Pattern(new JsonObject
        {
            ["apiVersion"] = device["apiVersion"]!.DeepClone(),
            ["kind"] = device["kind"]!.DeepClone(),
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = device["spec"]!.DeepClone(),
        });
        _full = Pattern(new JsonObject
        {
            ["apiVersion"] = device["apiVersion"]!.DeepClone(),
            ["kind"] = device["kind"]!.DeepClone(),
            ["metadata"] = With(marked, ("name", name), ("uid", uid), ("resourceVersion", Version)),
            ["spec"] = device["spec"]!.DeepClone(),
            ["status"] = device["status"]!.DeepClone(),
        });
        Own(secret);
        secret["metadata"]!["labels"]!["app.kubernetes.io/managed-by"] = "bare-client";
        _secret = Pattern(secret);
        Own(@event);
        @event["metadata"]!["name"] = $"{name}.{Token}";
        _event = Pattern(@event);
    }

    /// <summary>Takes them from a device that the operator made Ready.</summary>
    /// <param name="api">The API server.</param>
    /// <param name="at">The namespace of the device.</param>
    /// <param name="name">The device; the name must not be a part of other words.</param>
    /// <param name="namespace">Where the bare client is going to write.</param>
    public static async Task<ChainBodies> TakeAsync(BareApi api, string at, string name, string @namespace)
    {
        JsonObject device = await ReadAsync(api, $"/apis/mailoperator.io/v1alpha1/namespaces/{at}/maildevices/{name}");
        JsonObject secret = await ReadAsync(
            api, $"/api/v1/namespaces/{at}/secrets/{(string)device["status"]!["binding"]!["name"]!}");
        JsonObject? @event = null;
        while (@event is null) // it comes last
        {
            JsonObject events = await ReadAsync(
                api, $"/api/v1/namespaces/{at}/events?fieldSelector=involvedObject.name={name}");
            @event = events["items"]!.AsArray().FirstOrDefault()?.DeepClone().AsObject();
        }

        return new ChainBodies(device, secret, @event, name, @namespace);
    }

    public string Create(string name) => _device.Replace(Name, name, StringComparison.Ordinal);

    public string Finalizer(string name, Written of) => For(_merge, name, of);

    public string Replace(string name, Written of) => For(_full, name, of);

    public string Secret(string name, Written of) => For(_secret, name, of);

    public string Status(string name, Written of) => For(_status, name, of);

    /// <param name="name">The device.</param>
    /// <param name="of">The device as it was written.</param>
    /// <param name="token">Makes the name of the event its own.</param>
    public string Event(string name, Written of, string token) =>
        For(_event, name, of).Replace(Token, token, StringComparison.Ordinal);

    private static string For(string pattern, string name, Written of) => pattern
        .Replace(Name, name, StringComparison.Ordinal)
        .Replace(Uid, of.Uid, StringComparison.Ordinal)
        .Replace(Version, of.Version, StringComparison.Ordinal);

    private static void Own(JsonObject one)
    {
        var metadata = (JsonObject)one["metadata"]!;
        Array.ForEach(OfTheServer, field => metadata.Remove(field));
    }

    private static JsonObject With(JsonObject metadata, params (string Name, string Value)[] more)
    {
        JsonObject copy = metadata.DeepClone().AsObject();
        Array.ForEach(more, one => copy[one.Name] = one.Value);
        return copy;
    }

    private static async Task<JsonObject> ReadAsync(BareApi api, string path) =>
        JsonNode.Parse(await api.SendAsync(HttpMethod.Get, path))!.AsObject();
}

/// <summary>An object as the API server answered with it.</summary>
internal sealed record Written(string Uid, string Version)
{
    public static Written From(byte[] answer)
    {
        using var document = JsonDocument.Parse(answer);
        JsonElement metadata = document.RootElement.GetProperty("metadata");
        return new Written(
            metadata.GetProperty("uid").GetString()!, metadata.GetProperty("resourceVersion").GetString()!);
    }
}
