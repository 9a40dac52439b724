using System.Text.Json.Nodes;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Chart;

/// <summary>
/// Sets of values, and the objects that the chart makes of them: recorded in <c>tests/recorded/chart</c>, and shown to
/// the API server.
/// </summary>
public sealed class ValuesMatrixTests
{
    /// <summary>Kinds of others that the tests' server does not have, and a version that is newer than it.</summary>
    private static readonly string[] MayBeUnknown =
        ["monitoring.coreos.com/v1", "gateway.networking.k8s.io/v1", "policy/v1"];

    private static string Folder => Repository.Path("tests", "recorded", "chart");

    public static TheoryData<string> Sets =>
        [.. Directory.EnumerateFiles(Folder, "*.values.yaml").Select(file => Path.GetFileName(file)[..^12])
            .Order(StringComparer.Ordinal)];

    /// <summary>UPDATE_DOCS=1 records anew.</summary>
    [Theory]
    [MemberData(nameof(Sets))]
    public async Task Objects_OfASetOfValues_AreAsRecorded(string set)
    {
        string text = await RenderAsync(set), file = Path.Combine(Folder, $"{set}.yaml");
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        }

        IReadOnlyList<JsonObject> expected = YamlJson.ReadAll(file), actual = YamlJson.ParseAll(text);
        Assert.Equal(expected.Select(Name), actual.Select(Name));
        Assert.All(expected.Zip(actual), pair => Assert.True(
            JsonNode.DeepEquals(pair.First, pair.Second), $"expected {pair.First}\nbut there is {pair.Second}"));
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task Objects_OfASetOfValues_AreAcceptedByTheServer(string set)
    {
        using var cluster = Cluster.FromEnvironment();
        await cluster.CreateIfAbsentAsync(
            ResourceType.Namespaces, "", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "post" } });
        string served = await Shell.RunAsync("kubectl", "api-versions");
        IReadOnlyList<JsonObject> objects = YamlJson.ParseAll(await RenderAsync(set));
        JsonObject[] known = [.. objects.Where(one =>
            served.Split('\n').Contains((string)one["apiVersion"]!)
            || !MayBeUnknown.Contains((string)one["apiVersion"]!))];

        var list = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "List",
            ["items"] = new JsonArray([.. known.Select(one => one.DeepClone())]),
        };
        (int exitCode, string output, string errors) = await Shell.TryAsync(
            "kubectl", ["create", "--dry-run=server", "-f", "-"], list.ToJsonString());

        Assert.True(exitCode == 0, errors);
        Assert.Equal(known.Length, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    private static string Name(JsonObject one) => $"{one["kind"]} {one["metadata"]!["name"]}";

    private static async Task<string> RenderAsync(string set)
    {
        (int exitCode, string output, string errors) = await Helm.TryAsync(
            [
                "template", "mail", Helm.Chart, "--namespace", "post", "--set", "crds.install=false",
                "--values", Path.Combine(Folder, $"{set}.values.yaml"),
            ]);
        Assert.True(exitCode == 0, errors);
        return output;
    }
}
