using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

public sealed class LeadershipTests : OperatorTest
{
    [Fact]
    public async Task Stop_BySigterm_GivesTheLeaseBackAndEndsWell()
    {
        int exitCode = await Bed.Operator.StopAsync();

        Assert.Equal(0, exitCode);
        var lease = await Cluster.FindAsync(
            ResourceType.Leases, new ObjectKey(ShippedRights.Namespace, "mail-operator"));
        Assert.Equal("", (string?)lease!["spec"]!["holderIdentity"] ?? "");
        await Bed.Operator.StartAsync();
    }

    [Fact]
    public async Task Lease_TakenByAnother_EndsTheProcessAndANewOneWaitsItsTurn()
    {
        await Eventually.TrueAsync("the operator leads", async () =>
            (string?)(await Cluster.FindAsync(ResourceType.Leases, new ObjectKey(
                ShippedRights.Namespace, "mail-operator")))?["spec"]?["holderIdentity"] is { Length: > 0 });
        await Cluster.MergeAsync(
            ResourceType.Leases, new ObjectKey(ShippedRights.Namespace, "mail-operator"),
            "{spec: {holderIdentity: usurper, leaseDurationSeconds: 4}}");

        int exitCode = await Bed.Operator.WaitForExitAsync(Eventually.Patience);
        Assert.Equal(Hosting.LeaseLostExit.ExitCode, exitCode);

        await Bed.Operator.StartAsync(); // ready without leading: its caches are synced
        await Cluster.CreateDeviceAsync(Namespace, "after", "{mailbox: after@example.com}");
        await Bed.WaitForDeviceAsync(Key("after"), "Ready", "True");
    }
}
