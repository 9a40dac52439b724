using System.Text.Json.Nodes;

namespace MailOperator.Tests;

/// <summary>One file of <c>crds/</c>.</summary>
internal sealed class CustomResourceDefinition(JsonObject document)
{
    private readonly JsonObject _spec = document["spec"]!.AsObject();

    public static IReadOnlyList<CustomResourceDefinition> All { get; } =
    [
        .. Directory.EnumerateFiles(Repository.Path("crds"), "*.yaml").Order(StringComparer.Ordinal)
            .SelectMany(YamlJson.ReadAll).Select(document => new CustomResourceDefinition(document)),
    ];

    public JsonObject Document => document;

    public string Name => Text(document["metadata"]!, "name");

    public string Group => Text(_spec, "group");

    public string Kind => Text(_spec["names"]!, "kind");

    public string Plural => Text(_spec["names"]!, "plural");

    public string ShortName => (string)_spec["names"]!["shortNames"]![0]!;

    public bool IsNamespaced => Text(_spec, "scope") == "Namespaced";

    /// <summary>The only version so far.</summary>
    public JsonObject Version => _spec["versions"]!.AsArray().Single()!.AsObject();

    public string VersionName => Text(Version, "name");

    public SchemaNode Schema => new("", Version["schema"]!["openAPIV3Schema"]!.AsObject());

    public static CustomResourceDefinition OfKind(string kind) => All.Single(crd => crd.Kind == kind);

    public override string ToString() => Kind;

    private static string Text(JsonNode node, string key) => (string)node[key]!;
}

/// <summary>
/// A node of a schema with its path (<c>spec.grants[].mailboxes[]</c>, <c>.*</c> for the values of a map).
/// </summary>
internal sealed class SchemaNode(string path, JsonObject json)
{
    public string Path => path;

    public JsonObject Json => json;

    public string? Type => (string?)json["type"];

    public string? Format => (string?)json["format"];

    public string? Description => (string?)json["description"];

    public string? ListType => (string?)json["x-kubernetes-list-type"];

    public IReadOnlyList<string> Required => Strings("required");

    public IReadOnlyList<string> Enum => Strings("enum");

    public IReadOnlyList<SchemaNode> Properties =>
    [
        .. (json["properties"]?.AsObject() ?? []).Select(pair => new SchemaNode(
            path.Length == 0 ? pair.Key : $"{path}.{pair.Key}", pair.Value!.AsObject())),
    ];

    public SchemaNode? Items => json["items"] is JsonObject items ? new($"{path}[]", items) : null;

    public SchemaNode? Values => json["additionalProperties"] is JsonObject values ? new($"{path}.*", values) : null;

    /// <summary>The last segment of the path, without the markers of lists and maps.</summary>
    public string Name => path[(path.LastIndexOf('.') + 1)..];

    public IReadOnlyList<CelRule> Rules =>
    [
        .. (json["x-kubernetes-validations"]?.AsArray() ?? []).Select(rule => new CelRule(
            (string)rule!["rule"]!, (string)rule["message"]!, (string?)rule["fieldPath"])),
    ];

    public SchemaNode? Property(string name) => Properties.FirstOrDefault(property => property.Name == name);

    /// <summary>This node and all its descendants, in the order of the file.</summary>
    public IEnumerable<SchemaNode> All()
    {
        yield return this;
        IEnumerable<SchemaNode> children = [.. Properties, .. Items is { } i
            ? [i]
            : Array.Empty<SchemaNode>(), .. Values is { } v ? [v] : Array.Empty<SchemaNode>()];
        foreach (SchemaNode node in children.SelectMany(child => child.All()))
        {
            yield return node;
        }
    }

    private string[] Strings(string key) => [.. (json[key]?.AsArray() ?? []).Select(value => (string)value!)];
}

/// <summary>A rule in CEL and the server's message if it does not hold.</summary>
internal sealed record CelRule(string Rule, string Message, string? FieldPath);
