using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>Two releases in two namespaces of one cluster.</summary>
public sealed class TwoOperatorsTests : OperatorTest
{
    [Fact]
    public async Task SecondOperator_StandsBackAndWritesNothing_AndTakesOverWhenTheFirstHasGone()
    {
        // Mutant: no claim. The two write each other's Secrets again without end, because each has a key of its own.
        await Cluster.CreateDeviceAsync(Namespace, "first", "{mailbox: first@example.com}");
        await Bed.WaitForDeviceAsync(Key("first"), "Ready", "True");
        string version = await VersionAsync("first");
        string own = await Cluster.NewNamespaceAsync("second");
        string folder = Directory.CreateTempSubdirectory("mail-operator-second-").FullName;
        await using var second = new OperatorProcess(
            await ShippedRights.InstallAsync(Cluster, own, folder), folder,
            new Dictionary<string, string> { ["MAIL_OPERATOR_Namespace"] = own });

        await second.StartAsync(isReady: false);
        await Eventually.TrueAsync("the second operator says who serves the cluster", async () =>
            (await second.ReadinessAsync()).Contains("mail-operator/mail-operator", StringComparison.Ordinal));
        await Eventually.TrueAsync("an event says so", async () =>
            (await Cluster.ListAsync(ResourceType.Events)).Any(static one =>
                (string?)one["reason"] == Reasons.AnotherOperator));
        Assert.Contains("mail_operator_stands_back 1", await second.MetricsAsync());
        await HandledAsync("first");
        await HandledAsync("first");
        Assert.Equal(version, await VersionAsync("first"));
        Assert.DoesNotContain(
            AuditLog.Requests(user: $"system:serviceaccount:{own}:{ShippedRights.Account}"),
            static request => request.Verb is not ("get" or "list" or "watch")
                && request.Resource is not ("leases" or "events"));

        await Bed.Operator.StopAsync();
        try
        {
            await Eventually.TrueAsync(
                "the second operator serves the cluster", async () => await second.ReadinessAsync() == "ok");
            await Cluster.CreateDeviceAsync(Namespace, "later", "{mailbox: later@example.com}");
            await Bed.WaitForDeviceAsync(Key("later"), "Ready", "True");
        }
        finally
        {
            await second.StopAsync();
            await Cluster.DeleteAsync(ResourceType.Leases, new ObjectKey(own, "mail-operator"));
            await Bed.Operator.StartAsync();
        }
    }

    private async Task<string> VersionAsync(string name)
    {
        JsonObject secret = (await Cluster.FindAsync(ResourceType.Secrets, Key(name)))!;
        return (string)secret["metadata"]!["resourceVersion"]!;
    }
}
