using System.Text.Json.Nodes;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Chart;

/// <summary>The objects of the chart beside its Deployment, and the values that it refuses.</summary>
public sealed class ChartTests
{
    private static readonly string[] Everything =
    [
        "replicas=2", "networkPolicy.enabled=true", "metrics.serviceMonitor.enabled=true",
        "podDisruptionBudget.enabled=true",
    ];

    [Theory]
    [InlineData("clusterrole.yaml", "ClusterRole")]
    [InlineData("role.yaml", "Role")]
    public async Task Rights_AreThoseOfTheFile_AndBoundToTheServiceAccount(string file, string kind)
    {
        IReadOnlyList<JsonObject> objects = await Helm.RenderAsync();
        JsonObject role = Of(objects, kind, "mail-mail-operator");
        JsonObject binding = Of(objects, $"{kind}Binding", "mail-mail-operator");

        AssertSame(
            YamlJson.ReadAll(Repository.Path("charts", "mail-operator", "files", file)).Single()["rules"],
            role["rules"]);
        Assert.Equal(
            (kind, "mail-mail-operator"), ((string)binding["roleRef"]!["kind"]!, (string)binding["roleRef"]!["name"]!));
        JsonNode subject = Assert.Single(binding["subjects"]!.AsArray())!;
        Assert.Equal("post", (string)subject["namespace"]!);
        Assert.Equal((string)Of(objects, "ServiceAccount")["metadata"]!["name"]!, (string)subject["name"]!);
        Assert.Equal((string)PodSpec(objects)["serviceAccountName"]!, (string)subject["name"]!);
    }

    [Fact]
    public async Task Crds_AreTheRepositorysAndStay()
    {
        IReadOnlyList<JsonObject> objects = await Helm.RenderAsync();

        foreach (CustomResourceDefinition crd in CustomResourceDefinition.All)
        {
            JsonObject shipped = Of(objects, "CustomResourceDefinition", crd.Name);
            AssertSame(crd.Document["spec"], shipped["spec"]);
            Assert.Equal("keep", (string)shipped["metadata"]!["annotations"]!["helm.sh/resource-policy"]!);
            Assert.All(
                crd.Document["metadata"]!["labels"]?.AsObject() ?? [],
                label => Assert.Equal((string)label.Value!, (string)shipped["metadata"]!["labels"]![label.Key]!));
        }

        Assert.DoesNotContain(
            await Helm.RenderAsync("crds.install=false"),
            @object => (string)@object["kind"]! == "CustomResourceDefinition");
    }

    [Fact]
    public async Task RolesOfUsers_GiveDevicesAndNoSecretsAndNoBackends()
    {
        IReadOnlyList<JsonObject> objects = await Helm.RenderAsync();
        (string Name, string Label)[] expected =
        [
            ("view", "rbac.authorization.k8s.io/aggregate-to-view"),
            ("view", "rbac.authorization.k8s.io/aggregate-to-edit"),
            ("view", "rbac.authorization.k8s.io/aggregate-to-admin"),
            ("edit", "rbac.authorization.k8s.io/aggregate-to-edit"),
            ("edit", "rbac.authorization.k8s.io/aggregate-to-admin"),
            ("service-binding", "servicebinding.io/controller"),
        ];

        Assert.All(expected, one => Assert.Equal(
            "true",
            (string?)Of(objects, "ClusterRole", $"mail-mail-operator-{one.Name}")["metadata"]!["labels"]![one.Label]));
        Assert.False(Of(objects, "ClusterRole", "mail-mail-operator-edit")["metadata"]!["labels"]!.AsObject()
            .ContainsKey("rbac.authorization.k8s.io/aggregate-to-view"));
        foreach (string name in (string[])["view", "edit", "service-binding"])
        {
            JsonNode[] rules =
                [.. Of(objects, "ClusterRole", $"mail-mail-operator-{name}")["rules"]!.AsArray().Select(rule => rule!)];
            // An invitation has a hash for a while.
            string[] kinds = name == "edit"
                ? ["maildevices", "mailusers", "deviceinvitations"]
                : ["maildevices", "mailusers"];
            Assert.All(
                rules.SelectMany(rule => rule["resources"]!.AsArray()),
                resource => Assert.Contains(((string)resource!).Split('/')[0], kinds));
            Assert.All(rules.SelectMany(rule => rule["verbs"]!.AsArray()), verb => Assert.NotEqual("*", (string)verb!));
            Assert.DoesNotContain(rules, rule => rule["resources"]!.AsArray()
                .Any(resource => ((string)resource!).EndsWith("/status", StringComparison.Ordinal))
                && rule["verbs"]!.AsArray().Any(verb => (string)verb! is "update" or "patch"));
        }
    }

    [Fact]
    public async Task Selectors_FindThePods()
    {
        IReadOnlyList<JsonObject> objects = await Helm.RenderAsync(Everything);
        JsonObject labels = Of(objects, "Deployment")["spec"]!["template"]!["metadata"]!["labels"]!.AsObject();
        JsonNode?[] selectors =
        [
            Of(objects, "Deployment")["spec"]!["selector"]!["matchLabels"],
            Of(objects, "Service")["spec"]!["selector"],
            Of(objects, "PodDisruptionBudget")["spec"]!["selector"]!["matchLabels"],
            Of(objects, "NetworkPolicy")["spec"]!["podSelector"]!["matchLabels"],
        ];

        Assert.All(selectors, selector => AssertWithin(selector!.AsObject(), labels));
        AssertWithin(
            Of(objects, "ServiceMonitor")["spec"]!["selector"]!["matchLabels"]!.AsObject(),
            Of(objects, "Service")["metadata"]!["labels"]!.AsObject());
        Assert.Equal(
            (string)Of(objects, "Service")["spec"]!["ports"]![0]!["name"]!,
            (string)Of(objects, "ServiceMonitor")["spec"]!["endpoints"]![0]!["port"]!);
    }

    [Fact]
    public async Task Objects_OfANamespace_AreInTheReleases()
    {
        string[] clusterWide = ["ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"];

        Assert.All(
            await Helm.RenderAsync(Everything),
            @object => Assert.Equal(
                clusterWide.Contains((string)@object["kind"]!) ? null : "post",
                (string?)@object["metadata"]!["namespace"]));
    }

    [Theory]
    [InlineData("podDisruptionBudget.enabled=true", "PodDisruptionBudget")] // with one replica it would block a drain
    [InlineData("metrics.service.enabled=false", "Service")]
    [InlineData("serviceAccount.create=false", "ServiceAccount")]
    [InlineData("rbac.create=false", "ClusterRoleBinding")]
    [InlineData("networkPolicy.enabled=false", "NetworkPolicy")]
    public async Task Objects_NotAskedFor_AreNotMade(string value, string kind) =>
        Assert.DoesNotContain(await Helm.RenderAsync(value), @object => (string)@object["kind"]! == kind);

    [Theory]
    [InlineData(
        "replicas=2,config.leaderElection.enabled=false", "more than one replica needs config.leaderElection.enabled")]
    [InlineData("metrics.service.enabled=false,metrics.serviceMonitor.enabled=true", "needs metrics.service.enabled")]
    [InlineData("config.smtp.host=relay.example.com", "config/smtp/from")]
    [InlineData("probes.startup.path=/", "probes/startup")]
    [InlineData("mailBackends.a.grants[0]=x", "mailBackends/a")]
    [InlineData("config.workers=0", "config/workers")]
    [InlineData("config.resyncInterval=10h", "config/resyncInterval")]
    [InlineData("config.instance=..", "config/instance")]
    [InlineData("config.worker=8", "worker")]
    [InlineData("image.digest=latest", "image/digest")]
    [InlineData("logLevel=Loud", "logLevel")]
    public async Task Values_ThatCannotBeRight_AreRefused(string values, string expected)
    {
        (int exitCode, _, string errors) = await Helm.TryAsync(["template", "mail", Helm.Chart, "--set", values]);

        Assert.NotEqual(0, exitCode);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Crds_ThatTheChartHasLost_AreMissed()
    {
        string copy = Directory.CreateTempSubdirectory("mail-operator-chart-").FullName;
        await Shell.RunAsync("cp", "-r", $"{Helm.Chart}/.", copy);
        Directory.Delete(Path.Combine(copy, "files", "crds"), recursive: true);

        (int exitCode, _, string errors) = await Helm.TryAsync(["template", "mail", copy]);
        Directory.Delete(copy, recursive: true);

        Assert.NotEqual(0, exitCode);
        Assert.Contains("no files/crds", errors, StringComparison.Ordinal);
    }

    private static JsonObject Of(IReadOnlyList<JsonObject> objects, string kind, string? name = null) =>
        objects.Single(@object =>
            (string)@object["kind"]! == kind && (name is null || (string)@object["metadata"]!["name"]! == name));

    private static JsonObject PodSpec(IReadOnlyList<JsonObject> objects) =>
        Of(objects, "Deployment")["spec"]!["template"]!["spec"]!.AsObject();

    private static void AssertSame(JsonNode? expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(expected, actual), $"expected {expected}\nbut there is {actual}");

    private static void AssertWithin(JsonObject part, JsonObject whole)
    {
        Assert.NotEmpty(part);
        Assert.All(part, label => Assert.Equal((string)label.Value!, (string?)whole[label.Key]));
    }
}
