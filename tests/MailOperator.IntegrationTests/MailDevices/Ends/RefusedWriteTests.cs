using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices.Ends;

/// <summary>
/// Stops and first passwords while the API server refuses to write their Secret: nothing is left in the store that
/// nobody was given, and the status has the words of who refused.
/// </summary>
public sealed class RefusedWriteTests : OperatorTest
{
    private static readonly ResourceType Quotas =
        new("", "v1", "resourcequotas", "ResourceQuota", IsNamespaced: true);

    [Theory]
    [InlineData(403)]
    [InlineData(413)]
    [InlineData(500)]
    public async Task Policy_RefusesTheNextPassword_EndsTheLeakedOneAndLeavesNoOther(int status)
    {
        // Mutants: keep the leaked password until the next is committed; leave the slot of the refused one; say Ready.
        JsonObject device = await IssueAsync("leaked");
        DeviceSecret leaked = await Bed.SecretAsync(Key("leaked"));
        await using (RefusingWebhook policy = await RefusingWebhook.StartAsync(Cluster, Namespace, status))
        {
            await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("leaked"), Annotations.RotateAndRevoke, "leak");

            await Eventually.TrueAsync("it is refused", async () => !await Bed.ImapAsync(leaked));
            await NothingGivenAsync("leaked", device, policy.Words);
        }

        await GivenAsync("leaked");
        Assert.False(await Bed.ImapAsync(leaked));
    }

    [Fact]
    public async Task Policy_RefusesEverySecret_EveryStopEnds()
    {
        // Mutant of each: a write to the Secret comes before the end of the password, and its refusal ends the try.
        (EndStop Stop, string Name)[] cells =
            [.. EndStop.All.Select(static (stop, index) => (stop, $"refused-{index}"))];
        await Task.WhenAll(cells.Select(cell => IssueAsync(cell.Name)));
        await using RefusingWebhook policy = await RefusingWebhook.StartAsync(Cluster, Namespace, 403);

        await Task.WhenAll(cells.Select(async cell =>
        {
            DeviceSecret secret = await Bed.SecretAsync(Key(cell.Name));
            Assert.True(await Bed.ImapAsync(secret));
            await cell.Stop.ImposeAsync(Cluster, Key(cell.Name));
            await Eventually.TrueAsync($"{cell.Stop.Name} ends it", async () =>
                !await MailLogin.SubmissionAsync(Bed.Dovecot.SubmissionPort, secret["username"], secret["password"])
                && (cell.Stop.LeavesReading || !await Bed.ImapAsync(secret)));
        }));
    }

    [Fact]
    public async Task Quota_FullOfSecrets_GivesNothingAndEndsTheLeakedOne()
    {
        // Mutants: leave the slot of the refused one; say Ready; keep what leaked since its Secret is gone.
        JsonObject device = await IssueAsync("leaked");
        DeviceSecret leaked = await Bed.SecretAsync(Key("leaked"));
        await FillQuotaAsync();

        JsonObject first = await CreateAsync("first");
        await NothingGivenAsync("first", first, "exceeded quota");
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("leaked"), Annotations.Paused, "true");
        await Cluster.DeleteAsync(ResourceType.Secrets, Key("leaked"));
        await FillQuotaAsync();
        await Cluster.MergeAsync(
            ApiGroup.MailDevices, Key("leaked"),
            $"{{metadata: {{annotations: {{{Annotations.Paused}: null, {Annotations.RotateAndRevoke}: leak}}}}}}");
        await Eventually.TrueAsync("it is refused", async () => !await Bed.ImapAsync(leaked));
        await NothingGivenAsync("leaked", device, "exceeded quota");

        await Cluster.DeleteAsync(Quotas, Key("secrets"));
        await GivenAsync("first");
        await GivenAsync("leaked");
        Assert.False(await Bed.ImapAsync(leaked));
    }

    private async Task<JsonObject> CreateAsync(string name)
    {
        await Cluster.CreateAsync(ApiGroup.MailUsers, Namespace, $"{{metadata: {{name: {name}}}, spec: {{}}}}");
        return await Cluster.CreateDeviceAsync(
            Namespace, name, $"{{mailbox: {name}.{Namespace}@example.com, userRef: {{name: {name}}}}}");
    }

    private async Task<JsonObject> IssueAsync(string name)
    {
        await CreateAsync(name);
        return await Bed.WaitForDeviceAsync(Key(name), ConditionTypes.Ready, "True");
    }

    /// <summary>The server's words are said, and the store has nothing of the device.</summary>
    private async Task NothingGivenAsync(string name, JsonObject device, string words)
    {
        await Bed.WaitForDeviceAsync(
            Key(name), ConditionTypes.Ready, "False", Reasons.WriteRefused, says: [words]);
        await Eventually.TrueAsync($"nothing of {name} is in the store", () =>
            Task.FromResult(Bed.PasswdLines(device).Length == 0));
    }

    private async Task GivenAsync(string name)
    {
        await Cluster.AnnotateAsync(
            ApiGroup.MailDevices, Key(name), Annotations.ReconcileRequestedAt, Guid.NewGuid().ToString());
        await Bed.WaitForDeviceAsync(Key(name), ConditionTypes.Ready, "True");
        await Eventually.TrueAsync("the next one works", async () =>
            await Bed.ImapAsync(await Bed.SecretAsync(Key(name))));
    }

    /// <summary>No controller counts for quotas here, so this does: no Secret more fits.</summary>
    private async Task FillQuotaAsync()
    {
        await Cluster.DeleteAsync(Quotas, Key("secrets"));
        await Cluster.CreateAsync(
            Quotas, Namespace, "{metadata: {name: secrets}, spec: {hard: {count/secrets: '1'}}}");
        await Cluster.Api.JsonPatchAsync(
            Quotas, Key("secrets"), "status",
            """
            [{"op":"add","path":"/status","value":{"hard":{"count/secrets":"1"},"used":{"count/secrets":"1"}}}]
            """u8.ToArray(),
            TestContext.Current.CancellationToken);
        await Eventually.TrueAsync("the quota is full", async () =>
        {
            try
            {
                await Cluster.CreateAsync(ResourceType.Secrets, Namespace, "{metadata: {name: probe}}");
                await Cluster.DeleteAsync(ResourceType.Secrets, Key("probe"));
                return false;
            }
            catch (ApiException e) when (e.Message.Contains("exceeded quota", StringComparison.Ordinal))
            {
                return true;
            }
        });
    }
}
