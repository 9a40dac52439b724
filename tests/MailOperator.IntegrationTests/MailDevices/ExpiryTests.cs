using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

public sealed class ExpiryTests : OperatorTest
{
    [Fact]
    public async Task Expiry_Reached_EndsThePasswordAndALaterEndIssuesAnew()
    {
        await Cluster.CreateDeviceAsync(Namespace, "intern", "{mailbox: intern@example.com, expiry: {after: 20s}}");
        JsonObject device = await Bed.WaitForDeviceAsync(Key("intern"), "Ready", "True");
        DeviceSecret secret = await Bed.SecretAsync(Key("intern"));
        DateTimeOffset end = Rfc3339.Parse((string)device["status"]!["expiresAt"]!)!.Value;
        Assert.Equal(end, Rfc3339.Parse((string)device["metadata"]!["creationTimestamp"]!)!.Value.AddSeconds(20));
        Assert.True(await Bed.ImapAsync(secret));
        await Eventually.TrueAsync("a Warning event says that it ends soon", async () =>
            (await Cluster.ListAsync(ResourceType.Events, Namespace))
                .Any(one => (string)one["reason"]! == Reasons.Expiring && (string)one["type"]! == "Warning"));

        device = await Bed.WaitForDeviceAsync(Key("intern"), "Expired", "True");

        Assert.True(TimeProvider.System.GetUtcNow() >= end, "It ended before its time.");
        Assert.Null(await Cluster.FindAsync(ResourceType.Secrets, Key("intern")));
        Assert.Empty(Bed.PasswdLines(device));
        await Eventually.TrueAsync("the password is refused", async () => !await Bed.ImapAsync(secret));

        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("intern"), "{spec: {expiry: {after: 7d}}}");
        device = await Bed.WaitForDeviceAsync(Key("intern"), "Ready", "True");
        DeviceSecret revived = await Bed.SecretAsync(Key("intern"));

        Assert.NotEqual(secret["password"], revived["password"]);
        Assert.True(await Bed.ImapAsync(revived));
        Assert.Null(Status.Condition(device, "Expired"));
    }

    [Theory]
    [InlineData("{metadata: {annotations: {mailoperator.io/paused: 'true'}}}")]
    [InlineData("{spec: {rotation: {interval: 1h, overlap: 2h}}}")] // the schema accepts it
    public async Task Expiry_ReachedByADeviceThatStandsStill_EndsThePassword(string standStill)
    {
        await Cluster.CreateDeviceAsync(Namespace, "intern", "{mailbox: intern@example.com, expiry: {after: 15s}}");
        await Bed.WaitForDeviceAsync(Key("intern"), "Ready", "True");
        DeviceSecret secret = await Bed.SecretAsync(Key("intern"));
        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("intern"), standStill);

        JsonObject device = await Bed.WaitForDeviceAsync(Key("intern"), "Expired", "True");

        Assert.Null(await Cluster.FindAsync(ResourceType.Secrets, Key("intern")));
        Assert.Empty(Bed.PasswdLines(device));
        await Eventually.TrueAsync("the password is refused", async () => !await Bed.ImapAsync(secret));
    }
}
