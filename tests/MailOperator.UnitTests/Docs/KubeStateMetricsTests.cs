using System.Text.Json.Nodes;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Docs;

/// <summary>docs/kube-state-metrics.yaml names fields that the CRDs have.</summary>
public sealed class KubeStateMetricsTests
{
    private static readonly JsonObject[] Resources =
    [
        .. YamlJson.ReadAll(Repository.Path("docs", "kube-state-metrics.yaml")).Single()["spec"]!["resources"]!
            .AsArray().Select(static resource => resource!.AsObject()),
    ];

    [Fact]
    public void Kinds_AreAllOfThem() => Assert.Equal(
        CustomResourceDefinition.All.Select(static crd => $"{crd.Group}/{crd.VersionName}/{crd.Kind}").Order(),
        Resources.Select(static resource => resource["groupVersionKind"]!)
            .Select(static kind => $"{kind["group"]}/{kind["version"]}/{kind["kind"]}").Order());

    [Fact]
    public void Paths_AreFieldsOfTheKind() => Assert.All(Resources, static resource =>
    {
        CustomResourceDefinition crd =
            CustomResourceDefinition.OfKind((string)resource["groupVersionKind"]!["kind"]!);
        Assert.All(resource["labelsFromPath"]!.AsObject(), label => AssertLeaf(crd.Schema, label.Value!));
        foreach (JsonNode? metric in resource["metrics"]!.AsArray())
        {
            JsonNode each = metric!["each"]!;
            JsonNode type = each[((string)each["type"]!).ToLowerInvariant()]!;
            SchemaNode at = type["path"] is { } path ? Field(crd.Schema, path) : crd.Schema;
            at = at.Items ?? at;
            Assert.All(type["labelsFromPath"]?.AsObject() ?? [], label => AssertLeaf(at, label.Value!));
            if (type["valueFrom"] is { } value)
            {
                AssertLeaf(at, value);
            }
            else if ((string)each["type"]! == "Gauge")
            {
                // What kube-state-metrics makes a number of: a number, a truth value or a time.
                Assert.True(
                    at.Type is "integer" or "boolean" || at.Format == "date-time" || IsTimeOfMetadata(at),
                    $"{crd.Kind} {at.Path} is a {at.Type}");
            }
        }
    });

    [Fact]
    public void Labels_HoldNoMailbox() => Assert.DoesNotContain(
        "mailbox", string.Join('\n', Resources.Select(static one => one.ToJsonString())), StringComparison.Ordinal);

    private static bool IsTimeOfMetadata(SchemaNode at) => at.Path.EndsWith("Timestamp", StringComparison.Ordinal);

    private static void AssertLeaf(SchemaNode from, JsonNode path) =>
        Assert.Contains(Field(from, path).Type, (string?[])["string", "integer", "boolean"]);

    private static SchemaNode Field(SchemaNode from, JsonNode path)
    {
        SchemaNode at = from;
        foreach (string name in path.AsArray().Select(static segment => (string)segment!))
        {
            // A CRD says nothing of metadata, which is that of every object.
            at = at.Path.StartsWith("metadata", StringComparison.Ordinal)
                ? new SchemaNode($"{at.Path}.{name}", new JsonObject { ["type"] = "string" })
                : at.Property(name) ?? throw new InvalidOperationException($"{at.Path} has no field {name}.");
        }

        return at;
    }
}
