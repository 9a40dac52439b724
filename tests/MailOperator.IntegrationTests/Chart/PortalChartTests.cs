using System.Text.Json.Nodes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Chart;

/// <summary>The objects of the chart for the portal.</summary>
public sealed class PortalChartTests
{
    private const string Name = "mail-mail-operator-portal";

    private static readonly string[] On =
    [
        "portal.enabled=true",
        "portal.config.publicUrl=https://devices.example.com:8443/mail",
        "networkPolicy.enabled=true",
        "metrics.serviceMonitor.enabled=true",
        "replicas=2",
        "portal.ingress.enabled=true",
        "portal.ingress.tlsSecretName=devices-tls",
        "portal.ingress.extraHosts={autoconfig.example.com}",
        "portal.httpRoute.enabled=true",
        "portal.httpRoute.parentRefs[0].name=public",
        "portal.profileSigning.secretName=signing",
    ];

    [Fact]
    public async Task Portal_NotAskedFor_IsNotMade() =>
        Assert.DoesNotContain(
            await Helm.RenderAsync("networkPolicy.enabled=true"),
            @object => ((string)@object["metadata"]!["name"]!).EndsWith("portal", StringComparison.Ordinal));

    [Fact]
    public async Task Rights_AreThoseOfTheFile_OfAnAccountOfItsOwn()
    {
        IReadOnlyList<JsonObject> objects = await Helm.RenderAsync(On);
        JsonObject role = Of(objects, "ClusterRole");
        JsonNode subject = Assert.Single(Of(objects, "ClusterRoleBinding")["subjects"]!.AsArray())!;

        Assert.True(JsonNode.DeepEquals(
            YamlJson.ReadAll(Repository.Path("charts", "mail-operator", "files", "portal-clusterrole.yaml"))
                .Single()["rules"], role["rules"]));
        Assert.Equal((Name, "post"), ((string)subject["name"]!, (string)subject["namespace"]!));
        Assert.Equal(Name, (string)Of(objects, "ServiceAccount")["metadata"]!["name"]!);
        Assert.Equal(Name, (string)PodSpec(objects)["serviceAccountName"]!);
        Assert.DoesNotContain(objects, @object => (string)@object["kind"]! == "RoleBinding"
            && ((string)@object["metadata"]!["name"]!).EndsWith("portal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Selectors_PartThePortalFromTheOperator()
    {
        IReadOnlyList<JsonObject> objects = await Helm.RenderAsync(On);
        foreach (bool isPortal in (bool[])[true, false])
        {
            JsonObject own = Labels(objects, isPortal), other = Labels(objects, !isPortal);
            string name = isPortal ? Name : "mail-mail-operator";
            JsonObject[] selectors =
            [
                Of(objects, "Deployment", name)["spec"]!["selector"]!["matchLabels"]!.AsObject(),
                Of(objects, "Service", name)["spec"]!["selector"]!.AsObject(),
                Of(objects, "PodDisruptionBudget", name)["spec"]!["selector"]!["matchLabels"]!.AsObject(),
                Of(objects, "NetworkPolicy", name)["spec"]!["podSelector"]!["matchLabels"]!.AsObject(),
            ];
            Assert.All(selectors, selector =>
            {
                Assert.True(Selects(selector, own));
                Assert.False(Selects(selector, other)); // the operator's Service must not select the portal's pods
            });
        }
    }

    [Fact]
    public async Task Routes_LeadToThePages_AndNotToTheMetrics()
    {
        IReadOnlyList<JsonObject> objects = await Helm.RenderAsync(On);
        JsonObject ingress = Of(objects, "Ingress"), route = Of(objects, "HTTPRoute"), service = Of(objects, "Service");
        JsonNode first = ingress["spec"]!["rules"]![0]!;

        Assert.Equal(
            ("devices.example.com", "/mail"), ((string)first["host"]!, (string)first["http"]!["paths"]![0]!["path"]!));
        Assert.Equal(
            ["devices.example.com", "autoconfig.example.com"],
            ingress["spec"]!["tls"]![0]!["hosts"]!.AsArray().Select(host => (string)host!));
        Assert.All(
            ingress["spec"]!["rules"]!.AsArray().SelectMany(rule => rule!["http"]!["paths"]!.AsArray()),
            path => Assert.Equal((Name, "http"), (
                (string)path!["backend"]!["service"]!["name"]!,
                (string)path["backend"]!["service"]!["port"]!["name"]!)));
        Assert.Equal("/mail", (string)route["spec"]!["rules"]![0]!["matches"]![0]!["path"]!["value"]!);
        Assert.Equal(80, (long)route["spec"]!["rules"]![0]!["backendRefs"]![0]!["port"]!);
        Assert.Equal(
            "http",
            (string)service["spec"]!["ports"]!.AsArray().Single(port => (long)port!["port"]! == 80)!["targetPort"]!);
    }

    [Fact]
    public async Task Pods_AreAsLockedDownAsTheOperators_AndHoldTheSigningKeyOnlyIfThereIsOne()
    {
        JsonObject signing = PodSpec(await Helm.RenderAsync(On));
        JsonObject plain = PodSpec(
            await Helm.RenderAsync("portal.enabled=true", "portal.config.publicUrl=https://devices.example.com"));
        JsonObject @operator = Of(
            await Helm.RenderAsync(On), "Deployment", "mail-mail-operator")["spec"]!["template"]!["spec"]!.AsObject();

        Assert.True(JsonNode.DeepEquals(@operator["securityContext"], plain["securityContext"]));
        Assert.True(JsonNode.DeepEquals(
            @operator["containers"]![0]!["securityContext"], plain["containers"]![0]!["securityContext"]));
        Assert.Equal("signing", (string)signing["volumes"]![0]!["secret"]!["secretName"]!);
        Assert.Equal("logging", (string)Assert.Single(plain["volumes"]!.AsArray())!["name"]!);
        Assert.Equal(["portal"], plain["containers"]![0]!["args"]!.AsArray().Select(arg => (string)arg!));
    }

    [Theory]
    [InlineData("portal.enabled=true,portal.config.publicUrl=https://d.example.com", "https://d.example.com")]
    [InlineData(
        "portal.enabled=true,portal.config.publicUrl=https://d.example.com,config.invitationUrl=https://i.example.com",
        "https://i.example.com")]
    [InlineData("config.invitationUrl=https://i.example.com", "https://i.example.com")]
    [InlineData("portal.enabled=false", null)]
    public async Task Links_LeadToThePortal_OfThisReleaseUnlessAnotherIsNamed(string values, string? expected)
    {
        JsonArray environment = Of(
            await Helm.RenderAsync(values.Split(',')), "Deployment",
            "mail-mail-operator")["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray();

        Assert.Equal(expected, (string?)environment.SingleOrDefault(
            variable => (string)variable!["name"]! == "MAIL_OPERATOR_InvitationUrl")?["value"]);
    }

    [Theory]
    [InlineData("portal.enabled=true", "needs portal.config.publicUrl")]
    [InlineData("portal.enabled=true,portal.config.publicUrl=devices.example.com", "portal/config/publicUrl")]
    [InlineData(
        "portal.enabled=true,portal.config.publicUrl=https://d.example.com,portal.httpRoute.enabled=true",
        "needs portal.httpRoute.parentRefs")]
    [InlineData("portal.config.claimsPerMinute=0", "portal/config/claimsPerMinute")]
    public async Task Values_ThatCannotBeRight_AreRefused(string values, string expected)
    {
        (int exitCode, _, string errors) = await Helm.TryAsync(["template", "mail", Helm.Chart, "--set", values]);

        Assert.NotEqual(0, exitCode);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }

    private static JsonObject Of(IReadOnlyList<JsonObject> objects, string kind, string name = Name) =>
        objects.Single(@object => (string)@object["kind"]! == kind && (string)@object["metadata"]!["name"]! == name);

    private static JsonObject PodSpec(IReadOnlyList<JsonObject> objects) =>
        Of(objects, "Deployment")["spec"]!["template"]!["spec"]!.AsObject();

    private static JsonObject Labels(IReadOnlyList<JsonObject> objects, bool isPortal) =>
        Of(objects, "Deployment", isPortal
            ? Name
            : "mail-mail-operator")["spec"]!["template"]!["metadata"]!["labels"]!.AsObject();

    private static bool Selects(JsonObject selector, JsonObject labels) =>
        selector.All(label => (string)label.Value! == (string?)labels[label.Key]);
}
