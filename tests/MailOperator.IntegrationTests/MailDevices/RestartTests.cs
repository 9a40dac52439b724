using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

public sealed class RestartTests : OperatorTest
{
    private static readonly ResourceType[] Kinds =
        [ResourceType.Deployments, ResourceType.StatefulSets, ResourceType.DaemonSets];

    [Fact]
    public async Task Rotate_WithTargets_RestartsEachOnceAndNotForTheFirstPasswordOrARestartOfTheOperator()
    {
        foreach (ResourceType kind in Kinds)
        {
            await Cluster.CreateAsync(kind, Namespace, Workload(kind));
        }

        await Cluster.CreateDeviceAsync(Namespace, "mailer", """
            {mailbox: mailer@example.com, rolloutRestartTargets: [
              {kind: Deployment, name: gone}, {kind: Deployment, name: web},
              {kind: StatefulSet, name: web}, {kind: DaemonSet, name: web}]}
            """);
        await Bed.WaitForDeviceAsync(Key("mailer"), "Ready", "True");
        Assert.Equal([1, 1, 1], await GenerationsAsync());

        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("mailer"), Annotations.Rotate, "one");
        await Eventually.TrueAsync("the workloads were restarted and the Secret says so", async () =>
            (await GenerationsAsync()).Sum() > 3 && await Bed.SecretAsync(Key("mailer")) is var secret
            && secret.Json["metadata"]!["annotations"]![Annotations.RestartOwed] is null);
        DeviceSecret rotated = await Bed.SecretAsync(Key("mailer"));
        foreach (ResourceType kind in Kinds)
        {
            JsonObject workload = (await Cluster.FindAsync(kind, Key("web")))!;
            Assert.Equal(
                rotated["password"][..6],
                (string?)workload["spec"]!["template"]!["metadata"]!["annotations"]!["restart.mailoperator.io/mailer"]);
        }

        await Bed.KillAndRestartAsync();
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("mailer"), Annotations.ReconcileRequestedAt, "look");
        await Eventually.TrueAsync("the device was looked at", async () =>
            (string?)(await Cluster.FindAsync(
                ApiGroup.MailDevices, Key("mailer")))!["status"]!["lastHandledReconcileAt"] == "look");

        Assert.Equal([2, 2, 2], await GenerationsAsync());
        Assert.Equal(rotated.ResourceVersion, (await Bed.SecretAsync(Key("mailer"))).ResourceVersion);
        await Eventually.TrueAsync("an event names the missing one", async () =>
            (await Cluster.ListAsync(ResourceType.Events, Namespace)).Any(one =>
                (string)one["reason"]! == Reasons.RestartTargetMissing
                && ((string)one["message"]!).Contains("Deployment 'gone'", StringComparison.Ordinal)));
    }

    private async Task<List<long>> GenerationsAsync()
    {
        var generations = new List<long>();
        foreach (ResourceType kind in Kinds)
        {
            generations.Add((long)(await Cluster.FindAsync(kind, Key("web")))!["metadata"]!["generation"]!);
        }

        return generations;
    }

    private static string Workload(ResourceType kind) => $$$"""
        metadata: {name: web}
        spec:
          {{{(kind == ResourceType.StatefulSets ? "serviceName: web" : "minReadySeconds: 0")}}}
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: web, image: registry.example/web}]}
        """;
}
