using System.Globalization;
using System.Text.Json.Nodes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Crds;

/// <summary>
/// An entry of <c>refused.yaml</c>: an object that the API server must refuse, and the constraint that it breaks.
/// </summary>
internal sealed record RefusedObject(
    string Kind, string Constraint, JsonObject First, JsonObject? Status, JsonObject? Then)
{
    private static readonly JsonObject Table = YamlJson.ReadAll(
        Repository.Path("tests", "MailOperator.IntegrationTests", "Crds", "refused.yaml")).Single();

    public static IReadOnlyList<RefusedObject> All { get; } = [.. Read()];

    /// <summary>The valid object of a kind, which every bad one changes.</summary>
    public static JsonObject Good(string kind) => Table[kind]!["good"]!.DeepClone().AsObject();

    private static IEnumerable<RefusedObject> Read()
    {
        foreach ((string kind, JsonNode? section) in Table)
        {
            foreach (JsonObject entry in section!["refused"]!.AsArray().SelectMany(entry => Each(entry!.AsObject())))
            {
                JsonObject first = Good(kind);
                Merge(first, Expand(entry["bad"])?.AsObject() ?? []);
                JsonObject? then = entry["then"] is { } change ? first.DeepClone().AsObject() : null;
                if (then is not null)
                {
                    Merge(then, Expand(entry["then"])!.AsObject());
                }

                yield return new(
                    kind, (string)entry["rule"]!, first, entry["status"]?.DeepClone().AsObject(), then);
            }
        }
    }

    private static IEnumerable<JsonObject> Each(JsonObject entry) =>
        entry["each"] is not JsonArray values
            ? [entry]
            : values.Select(value => JsonNode.Parse(
                entry.ToJsonString().Replace("EACH", (string)value!, StringComparison.Ordinal))!.AsObject());

    /// <summary>Replaces the short forms for long values.</summary>
    private static JsonNode? Expand(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map when map["times"] is { } times:
                return Repeat(map, (int)(long)times);
            case JsonObject map:
                return new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, Expand(pair.Value))));
            case JsonArray list:
                return new JsonArray([.. list.Select(Expand)]);
            default:
                return node?.DeepClone();
        }
    }

    private static JsonNode Repeat(JsonObject form, int times)
    {
        IEnumerable<string> Numbered(JsonNode item) => Enumerable.Range(0, times).Select(
            i =>
                item.ToJsonString().Replace("{0}", i.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));

        return form.First() switch
        {
            { Key: "$repeat", Value: { } text } =>
                JsonValue.Create(string.Concat(Enumerable.Repeat((string)text!, times))),
            { Key: "$list", Value: { } item } =>
                new JsonArray([.. Numbered(item).Select(json => JsonNode.Parse(json))]),
            { Key: "$map", Value: { } key } => new JsonObject(Numbered(key).Select(
                json => KeyValuePair.Create((string)JsonNode.Parse(json)!, (JsonNode?)JsonValue.Create("x")))),
            var other => throw new NotSupportedException(other.Key),
        };
    }

    /// <summary>RFC 7386.</summary>
    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach ((string key, JsonNode? value) in patch)
        {
            if (value is null)
            {
                target.Remove(key);
            }
            else if (value is JsonObject change)
            {
                if (target[key] is not JsonObject child)
                {
                    target[key] = child = [];
                }

                Merge(child, change);
            }
            else
            {
                target[key] = value.DeepClone();
            }
        }
    }
}
