using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>The way back from a MailBackend that was deleted by mistake, as docs/troubleshooting.md has it.</summary>
public sealed class WayBackTests : OperatorTest
{
    [Fact]
    public async Task MailBackend_DeletedByMistake_ComesBackWithItsPasswords()
    {
        string name = $"mistake-{Guid.NewGuid().ToString("N")[..8]}";
        var key = new ObjectKey("", name);
        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "", TestBed.BackendYaml(name, $"{{path: {Bed.Dovecot.PasswdFile}}}", Bed.Dovecot));
        string mailbox = $"{Namespace}@example.com";
        string spec = $"{{mailbox: {mailbox}, backendRef: {{name: {name}}}}}";
        await Cluster.CreateDeviceAsync(Namespace, "web", spec);
        await Bed.WaitForDeviceAsync(Key("web"), "Ready", "True");
        DeviceSecret secret = await Bed.SecretAsync(Key("web"));

        await Cluster.DeleteAsync(ApiGroup.MailBackends, key);
        await Eventually.TrueAsync("the MailBackend says what it waits for and where the way back is", async () =>
            Status.Condition((await Cluster.FindAsync(ApiGroup.MailBackends, key))!, ConditionTypes.Ready) is { } ready
            && (string)ready["reason"]! == Reasons.BackendInUse
            && ((string)ready["message"]!).Contains($"{Namespace}/web", StringComparison.Ordinal));
        // What is there works on.
        await Cluster.CreateDeviceAsync(Namespace, "late", spec);
        await Bed.WaitForDeviceAsync(Key("late"), "Ready", "True");

        JsonObject saved = (await Cluster.FindAsync(ApiGroup.MailBackends, key))!;
        await Cluster.MergeAsync(ApiGroup.MailBackends, key, "{metadata: {finalizers: null}}");
        await Eventually.TrueAsync(
            "the MailBackend is gone", async () => await Cluster.FindAsync(ApiGroup.MailBackends, key) is null);
        await Bed.WaitForDeviceAsync(Key("web"), "Ready", "False", Reasons.BackendUnavailable);
        Assert.True(await Bed.ImapAsync(secret));
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = saved["spec"]!.DeepClone(),
        });

        await Bed.WaitForDeviceAsync(Key("web"), "Ready", "True");
        await Bed.WaitForDeviceAsync(Key("late"), "Ready", "True");
        Assert.Equal(secret["password"], (await Bed.SecretAsync(Key("web")))["password"]); // mutant: issued anew
        Assert.True(await Bed.ImapAsync(secret));
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("web"));
        await Eventually.TrueAsync("the password is refused", async () => !await Bed.ImapAsync(secret));
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("late"));
        await Cluster.DeleteAsync(ApiGroup.MailBackends, key);
        await Eventually.TrueAsync(
            "the MailBackend ends with its devices",
            async () => await Cluster.FindAsync(ApiGroup.MailBackends, key) is null);
    }
}
