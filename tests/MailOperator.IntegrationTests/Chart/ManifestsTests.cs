using System.Text.Json.Nodes;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Chart;

/// <summary>What <c>make manifests</c> writes for an installation without Helm.</summary>
public sealed class ManifestsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mail-operator-manifests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Manifests_AreTheChartsObjects_WithoutHelm_AndAcceptedByTheServer()
    {
        (int exitCode, string chart, string errors) = await Helm.TryAsync(
            ["template", "mail-operator", Helm.Chart, "--namespace", "mail-operator"]);
        Assert.True(exitCode == 0, errors);
        (exitCode, _, errors) = await Shell.TryAsync(
            Repository.Path("release", "manifests.sh"), [_folder],
            environment: new Dictionary<string, string> { ["IMAGE"] = "mirror.example.com:5000/mail:1.2.3" });
        Assert.True(exitCode == 0, errors);

        IReadOnlyList<JsonObject> installed = YamlJson.ReadAll(Path.Combine(_folder, "install.yaml"));
        IReadOnlyList<JsonObject> based = YamlJson.ParseAll(
            await Shell.RunAsync("kubectl", "kustomize", Path.Combine(_folder, "kustomize")));

        Assert.Equal(
            YamlJson.ParseAll(chart).Select(Spec).Append("Namespace mail-operator ").Order(StringComparer.Ordinal),
            installed.Select(one => Spec(one).Replace("mirror.example.com:5000/mail:1.2.3", "mail-operator:0.1.0",
                StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(
            installed.Select(Spec).Order(StringComparer.Ordinal), based.Select(Spec).Order(StringComparer.Ordinal));
        Assert.All(installed, one => Assert.DoesNotContain(
            one["metadata"]!["labels"]?.AsObject() ?? [], label => label.Key == "helm.sh/chart"));

        string[] order = [.. installed.Select(one => (string)one["kind"]!)];
        Assert.Equal("Namespace", order[0]);
        Assert.True(Array.LastIndexOf(order, "CustomResourceDefinition") < Array.IndexOf(order, "Deployment"));
        await AssertAcceptedAsync(installed);
    }

    /// <summary>But for the CRDs, which the control plane has installed from the same files.</summary>
    private static async Task AssertAcceptedAsync(IReadOnlyList<JsonObject> objects)
    {
        string text = string.Join("\n---\n", objects
            .Where(one => (string)one["kind"]! is not ("CustomResourceDefinition" or "Namespace"))
            .Select(one => InAnyNamespace(one).ToJsonString()));
        (int exitCode, _, string errors) = await Shell.TryAsync(
            "kubectl", ["apply", "--server-side", "--dry-run=server", "-f", "-"], text);
        Assert.True(exitCode == 0, errors);
    }

    // With --dry-run=server the Namespace of the manifest does not exist for what follows it.
    private static JsonObject InAnyNamespace(JsonObject one)
    {
        var copy = (JsonObject)one.DeepClone();
        if (copy["metadata"]!["namespace"] is not null)
        {
            copy["metadata"]!["namespace"] = "default";
        }

        return copy;
    }

    private static string Spec(JsonObject one)
    {
        var copy = (JsonObject)one.DeepClone();
        string name = $"{copy["kind"]} {copy["metadata"]!["name"]} {copy["metadata"]!["namespace"]}";
        if ((string)copy["kind"]! == "Namespace")
        {
            return name;
        }

        copy.Remove("metadata");
        foreach (string label in (string[])["app.kubernetes.io/managed-by", "helm.sh/chart"])
        {
            copy["spec"]?["template"]?["metadata"]?["labels"]?.AsObject().Remove(label);
        }

        return name + Sorted(copy);
    }

    private static string Sorted(JsonNode? node) => node switch
    {
        JsonObject map => "{" + string.Join(',', map.OrderBy(static pair => pair.Key, StringComparer.Ordinal)
            .Select(static pair => $"{pair.Key}:{Sorted(pair.Value)}")) + "}",
        JsonArray list => "[" + string.Join(',', list.Select(Sorted)) + "]",
        _ => node?.ToJsonString() ?? "null",
    };
}
