using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MailOperator.Hosting;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Chart;

/// <summary>The chart's values.yaml, its schema and its templates have the same values.</summary>
public sealed partial class ValuesTests
{
    /// <summary>Parent charts may set it; it has no default here.</summary>
    private const string OfParentCharts = "global";

    private static readonly JsonObject Values = YamlJson.ReadAll(Path("values.yaml")).Single();
    private static readonly JsonObject Schema =
        JsonNode.Parse(File.ReadAllText(Path("values.schema.json")))!.AsObject();

    [Fact]
    public void Schema_Values_AreThoseOfTheFile() =>
        Assert.Equal(
            Leaves(Values).Order(StringComparer.Ordinal),
            SchemaLeaves(Schema).Where(path => path != OfParentCharts).Order(StringComparer.Ordinal));

    [Fact]
    public void Schema_Objects_AllowNothingElse() =>
        Assert.All(
            Nodes(Schema).Where(node => node.ContainsKey("properties")),
            node => Assert.False((bool?)node["additionalProperties"] ?? true, node.ToJsonString()));

    [Fact]
    public void Templates_UseEveryValue_AndNoOther()
    {
        string templates = string.Join('\n', Directory.EnumerateFiles(Path("templates")).Select(File.ReadAllText));
        string[] used = [.. Reference().Matches(templates).Select(match => match.Groups[1].Value).Distinct()];
        string[] known = [.. Leaves(Values)];

        // A template may use a whole group, such as config.
        Assert.All(known, path =>
            Assert.Contains(used, name => path == name || path.StartsWith($"{name}.", StringComparison.Ordinal)));
        Assert.All(used, name =>
            Assert.Contains(known, path => path == name || path.StartsWith($"{name}.", StringComparison.Ordinal)));
    }

    [Fact]
    public void Chart_Version_IsTheOperators()
    {
        JsonObject chart = YamlJson.ReadAll(Path("Chart.yaml")).Single();
        string version = typeof(OperatorOptions).Assembly.GetName().Version!.ToString(3);

        Assert.Equal((version, version), ((string)chart["version"]!, (string)chart["appVersion"]!));
    }

    private static string Path(string name) => Repository.Path("charts", "mail-operator", name);

    /// <summary>A value whose default is a map that the user replaces as a whole has no leaves of its own.</summary>
    private static IEnumerable<string> Leaves(JsonObject values, JsonNode? schema = null, string prefix = "")
    {
        schema ??= Schema;
        return values.SelectMany(pair =>
            pair.Value is JsonObject child && schema["properties"]?[pair.Key]?["properties"] is not null
                ? Leaves(child, schema["properties"]![pair.Key], $"{prefix}{pair.Key}.")
                : [prefix + pair.Key]);
    }

    private static IEnumerable<string> SchemaLeaves(JsonObject schema, string prefix = "") =>
        schema["properties"]!.AsObject().SelectMany(pair =>
            pair.Value!["properties"] is null
                ? [prefix + pair.Key]
                : SchemaLeaves(pair.Value.AsObject(), $"{prefix}{pair.Key}."));

    private static IEnumerable<JsonObject> Nodes(JsonObject schema) =>
        [schema, .. (schema["properties"]?.AsObject() ?? []).SelectMany(pair => Nodes(pair.Value!.AsObject()))];

    [GeneratedRegex(@"\.Values\.([A-Za-z.]+)")]
    private static partial Regex Reference();
}
