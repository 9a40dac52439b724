using System.Text.Json.Nodes;
using MailOperator.Hosting;
using MailOperator.Kubernetes;
using Microsoft.Extensions.Configuration;

namespace MailOperator.IntegrationTests.Chart;

/// <summary>The Deployment of the chart: the operator's settings and a restricted pod.</summary>
public sealed class DeploymentTests
{
    private const string Prefix = "MAIL_OPERATOR_";

    [Fact]
    public async Task Environment_Names_AreTheOptionsAndAllOfThem()
    {
        IReadOnlyDictionary<string, string?> settings = Settings(await PodAsync(
            "config.instance=blue", "config.invitationUrl=https://invite.example.com",
            "config.smtp.host=relay.example.com",
            "config.smtp.from=invitations@example.com", "config.smtp.fromName=Example",
            "config.smtp.credentialsSecret=relay", "config.smtp.caBundle=QUJD",
            "config.smtp.recipientDomains=example.com"));

        Assert.Equal(
            OptionPaths().Concat(["Logging:File", "Logging:Console:FormatterName"]).Order(StringComparer.Ordinal),
            settings.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Environment_WithoutValuesOfOnesOwn_IsTheOperatorsDefaults()
    {
        OperatorOptions options = Bind(Settings(await PodAsync()));

        var defaults = new OperatorOptions { Namespace = options.Namespace };
        Assert.Equivalent(defaults, options, strict: true);
    }

    [Fact]
    public async Task Environment_Values_ReachTheOptions()
    {
        OperatorOptions options = Bind(Settings(await PodAsync(
            "config.instance=blue", "config.workers=64", "config.reconcileTimeout=00:01:00",
            "config.resyncInterval=1.00:00:00", "config.leaderElection.enabled=false",
            "config.leaderElection.retryPeriod=00:00:01")));

        Assert.Equal("blue", options.Instance);
        Assert.Equal(64, options.Workers);
        Assert.Equal(TimeSpan.FromMinutes(1), options.ReconcileTimeout);
        Assert.Equal(TimeSpan.FromDays(1), options.ResyncInterval);
        Assert.False(options.LeaderElection.Enabled);
        Assert.Equal(TimeSpan.FromSeconds(1), options.LeaderElection.RetryPeriod);
        Assert.True(new OperatorOptionsValidator().Validate(null, options).Succeeded);
    }

    [Fact]
    public async Task Environment_Namespace_IsThePods()
    {
        JsonNode variable = Container(await PodAsync())["env"]!.AsArray()
            .Single(one => (string)one!["name"]! == "MAIL_OPERATOR_Namespace")!;

        Assert.Equal("metadata.namespace", (string)variable["valueFrom"]!["fieldRef"]!["fieldPath"]!);
    }

    [Fact]
    public async Task Probes_Ask_WhatTheOperatorServes()
    {
        JsonObject pod = await PodAsync();
        JsonNode container = Container(pod);

        JsonNode port = Assert.Single(container["ports"]!.AsArray())!;
        Assert.EndsWith($":{(long)port["containerPort"]!}", Settings(pod)["ListenUrl"]);
        Assert.Equal(
            ["/healthz", "/readyz", "/healthz"],
            ((string[])["livenessProbe", "readinessProbe", "startupProbe"])
                .Select(name => (string)container[name]!["httpGet"]!["path"]!));
        Assert.All(
            (string[])["livenessProbe", "readinessProbe", "startupProbe"],
            name => Assert.Equal((string)port["name"]!, (string)container[name]!["httpGet"]!["port"]!));
    }

    /// <summary>https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted</summary>
    [Fact]
    public async Task Pod_Meets_PodSecurityRestricted()
    {
        JsonObject pod = await PodAsync(
            "extraVolumes[0].name=passwd", "extraVolumes[0].persistentVolumeClaim.claimName=passwd");
        JsonObject allowed = pod["securityContext"]!.AsObject();
        JsonObject container = Container(pod)["securityContext"]!.AsObject();

        Assert.DoesNotContain(pod, field => field.Key is "hostNetwork" or "hostPID" or "hostIPC");
        Assert.All(pod["volumes"]!.AsArray(), volume => Assert.DoesNotContain("hostPath", volume!.AsObject()));
        Assert.DoesNotContain("hostPort", Container(pod)["ports"]![0]!.AsObject());
        Assert.True((bool)allowed["runAsNonRoot"]!);
        Assert.NotEqual(0, (long)allowed["runAsUser"]!);
        Assert.Equal("RuntimeDefault", (string)allowed["seccompProfile"]!["type"]!);
        Assert.False((bool)container["allowPrivilegeEscalation"]!);
        Assert.DoesNotContain("privileged", container);
        Assert.Equal("ALL", (string)Assert.Single(container["capabilities"]!["drop"]!.AsArray())!);
        Assert.DoesNotContain("add", container["capabilities"]!.AsObject());
        Assert.True((bool)container["readOnlyRootFilesystem"]!); // stricter than the standard
    }

    [Fact]
    public async Task Pod_WithAVolume_MountsIt()
    {
        JsonObject pod = await PodAsync(
            "extraVolumes[0].name=passwd", "extraVolumes[0].persistentVolumeClaim.claimName=dovecot-passwd",
            "extraVolumeMounts[0].name=passwd", "extraVolumeMounts[0].mountPath=/var/lib/mail-operator");

        Assert.Equal("dovecot-passwd", (string)pod["volumes"]![0]!["persistentVolumeClaim"]!["claimName"]!);
        Assert.Equal("passwd", (string)Container(pod)["volumeMounts"]![0]!["name"]!);
        Assert.Equal("/var/lib/mail-operator", (string)Container(pod)["volumeMounts"]![0]!["mountPath"]!);
    }

    [Fact]
    public async Task Pod_HasItsTokenAndResourcesAndTimeToStop()
    {
        JsonObject pod = await PodAsync();

        Assert.True((bool)pod["automountServiceAccountToken"]!);
        Assert.True((long)pod["terminationGracePeriodSeconds"]! > OperatorRuntime.GracePeriod.TotalSeconds + 8);
        Assert.NotNull(Container(pod)["resources"]!["requests"]!["memory"]);
        Assert.NotNull(Container(pod)["resources"]!["limits"]!["memory"]);
    }

    [Theory]
    [InlineData("", "mail-operator:0.1.0")]
    [InlineData("image.tag=2.0.0", "mail-operator:2.0.0")]
    [InlineData("image.repository=mirror/mail-operator", "mirror/mail-operator:0.1.0")]
    [InlineData(
        "image.digest=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "mail-operator@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public async Task Image_IsByTagOrByDigest(string value, string expected) =>
        Assert.Equal(
            expected, (string)Container(await PodAsync([.. new[] { value }.Where(one => one.Length > 0)]))["image"]!);

    private static async Task<JsonObject> PodAsync(params string[] values)
    {
        JsonObject deployment = (await Helm.RenderAsync(values))
            .Single(@object => (string)@object["kind"]! == "Deployment");
        return deployment["spec"]!["template"]!["spec"]!.AsObject();
    }

    private static JsonObject Container(JsonObject pod) => Assert.Single(pod["containers"]!.AsArray())!.AsObject();

    /// <summary>The environment variables of the operator's settings, with the names of .NET's configuration.</summary>
    private static Dictionary<string, string?> Settings(JsonObject pod) =>
        Container(pod)["env"]!.AsArray()
            .Where(variable => ((string)variable!["name"]!).StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(
                variable => ((string)variable!["name"]!)[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal),
                string? (variable) => (string?)variable!["value"] ?? "from the pod",
                StringComparer.Ordinal);

    private static OperatorOptions Bind(IReadOnlyDictionary<string, string?> settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings).Build().Get<OperatorOptions>()!;

    private static IEnumerable<string> OptionPaths() =>
        typeof(OperatorOptions).GetProperties().SelectMany(static property =>
            property.PropertyType == typeof(LeaderElectionOptions) || property.PropertyType == typeof(SmtpOptions)
                ? property.PropertyType.GetProperties()
                    .Where(static inner => inner.CanWrite)
                    .Select(inner => $"{property.Name}:{inner.Name}")
                : [property.Name]);
}
