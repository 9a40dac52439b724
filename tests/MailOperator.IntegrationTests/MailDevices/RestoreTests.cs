using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>
/// Devices and Secrets that come back from a backup as Velero restores them: without UID, owner and status.
/// </summary>
public sealed class RestoreTests : OperatorTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restored_DeviceAndSecret_KeepThePasswordAndItsEndWorks(bool isFromGit)
    {
        string name = isFromGit ? "from-git" : "from-backup";
        JsonObject device = await ReadyAsync(name);
        DeviceSecret before = await Bed.SecretAsync(Key(name));
        JsonObject secret = await FoundAsync(ResourceType.Secrets, name);

        await LoseAsync(name);
        await Cluster.CreateAsync(ResourceType.Secrets, Namespace, Velero(secret));
        await Cluster.CreateAsync(ApiGroup.MailDevices, Namespace, isFromGit ? Manifest(device) : Velero(device));
        JsonObject restored = await Bed.WaitForDeviceAsync(Key(name), "Ready", "True");

        DeviceSecret after = await Bed.SecretAsync(Key(name));
        Assert.Equal(before["password"], after["password"]);
        Assert.Equal(
            device["status"]!["credentials"]![0]!["id"]!.ToString(),
            restored["status"]!["credentials"]![0]!["id"]!.ToString());
        Assert.NotEqual((string?)device["metadata"]!["uid"], (string?)restored["metadata"]!["uid"]);
        Assert.Equal(
            (string?)restored["metadata"]!["uid"],
            (string?)(await FoundAsync(ResourceType.Secrets, name))["metadata"]!["ownerReferences"]![0]!["uid"]);
        Assert.True(await Bed.ImapAsync(after));
        Assert.Contains(
            await Cluster.ListAsync(ResourceType.Events, Namespace),
            static one => (string)one["reason"]! == Reasons.SecretAdopted);

        // What was taken over rotates, and ends, like any other.
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key(name), Annotations.RotateAndRevoke, "leak");
        await Eventually.TrueAsync("the restored password was replaced and is refused", async () =>
            (await Bed.SecretAsync(Key(name)))["password"] != before["password"] && !await Bed.ImapAsync(before));
        DeviceSecret last = await Bed.SecretAsync(Key(name));
        await Eventually.TrueAsync("the new one works", () => Bed.ImapAsync(last));
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key(name));
        await Eventually.TrueAsync("the last one is refused", async () => !await Bed.ImapAsync(last));
        await Eventually.TrueAsync(
            "no line is left", () => Task.FromResult(!Bed.PasswdLines().Any(line => line.Contains(Mailbox(name)))));
    }

    [Fact]
    public async Task Restored_PasswordThatHasEnded_StaysEnded()
    {
        await ReadyAsync("ended");
        DeviceSecret old = await Bed.SecretAsync(Key("ended"));
        JsonObject secret = await FoundAsync(ResourceType.Secrets, "ended");
        JsonObject device = await FoundAsync(ApiGroup.MailDevices, "ended");
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("ended"));
        await Eventually.TrueAsync("the device is gone", async () =>
            await Cluster.FindAsync(ApiGroup.MailDevices, Key("ended")) is null
            && await Cluster.FindAsync(ResourceType.Secrets, Key("ended")) is null);

        await Cluster.CreateAsync(ResourceType.Secrets, Namespace, Velero(secret));
        await Cluster.CreateAsync(ApiGroup.MailDevices, Namespace, Velero(device));

        JsonObject refused = await Bed.WaitForDeviceAsync(Key("ended"), "Ready", "False", Reasons.SecretForeign);
        Assert.Contains(
            "holds the password of an earlier MailDevice of this name, which the mail system no longer accepts",
            (string)Status.Condition(refused, "Ready")!["message"]!);
        Assert.False(await Bed.ImapAsync(old));

        await Cluster.DeleteAsync(ResourceType.Secrets, Key("ended"));
        await Bed.WaitForDeviceAsync(Key("ended"), "Ready", "True");
        Assert.NotEqual(old["password"], (await Bed.SecretAsync(Key("ended")))["password"]);
        Assert.False(await Bed.ImapAsync(old));
    }

    [Fact]
    public async Task Secret_CopiedFromAnotherNamespace_GivesItsPasswordToNobody()
    {
        await ReadyAsync("copied");
        JsonObject secret = await FoundAsync(ResourceType.Secrets, "copied");
        JsonObject copy = Velero(secret);
        string thief = await Cluster.NewNamespaceAsync("thief");
        copy["metadata"]!["namespace"] = thief;
        await Cluster.CreateAsync(ResourceType.Secrets, thief, copy);
        await Cluster.CreateDeviceAsync(thief, "copied", $"{{mailbox: {Mailbox("copied")}}}");

        await Bed.WaitForDeviceAsync(new ObjectKey(thief, "copied"), "Ready", "False", Reasons.SecretForeign);
        await Cluster.DeleteAsync(ApiGroup.MailDevices, new ObjectKey(thief, "copied"));
        await Eventually.TrueAsync("the thief's device is gone", async () =>
            await Cluster.FindAsync(ApiGroup.MailDevices, new ObjectKey(thief, "copied")) is null);
        await HandledAsync("copied");
        Assert.True(await Bed.ImapAsync(await Bed.SecretAsync(Key("copied"))));
        await Cluster.DeleteAsync(ResourceType.Namespaces, new ObjectKey("", thief));
    }

    private static string Mailbox(string name) => $"{name}.restored@example.com";

    private async Task<JsonObject> ReadyAsync(string name)
    {
        await Cluster.CreateDeviceAsync(Namespace, name, $"{{mailbox: {Mailbox(name)}}}");
        return await Bed.WaitForDeviceAsync(Key(name), "Ready", "True");
    }

    private async Task<JsonObject> FoundAsync(ResourceType type, string name) =>
        (await Cluster.FindAsync(type, Key(name)))!;

    // As with a cluster that is gone: nothing is revoked.
    private async Task LoseAsync(string name)
    {
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key(name), Annotations.Paused, "true");
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key(name));
        await Cluster.MergeAsync(ApiGroup.MailDevices, Key(name), "{metadata: {finalizers: null}}");
        await Cluster.DeleteAsync(ResourceType.Secrets, Key(name));
        await Eventually.TrueAsync("both are gone", async () =>
            await Cluster.FindAsync(ApiGroup.MailDevices, Key(name)) is null
            && await Cluster.FindAsync(ResourceType.Secrets, Key(name)) is null);
    }

    // velero pkg/restore/restore.go keeps of the metadata what it does not name there, and no status.
    private static JsonObject Velero(JsonObject saved)
    {
        JsonObject restored = saved.DeepClone().AsObject();
        restored.Remove("status");
        string[] dropped =
        [
            "uid", "resourceVersion", "creationTimestamp", "generation", "ownerReferences", "managedFields",
            "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink",
        ];
        Array.ForEach(dropped, name => restored["metadata"]!.AsObject().Remove(name));
        return restored;
    }

    private static JsonObject Manifest(JsonObject saved) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = saved["metadata"]!["name"]!.DeepClone() },
        ["spec"] = saved["spec"]!.DeepClone(),
    };
}
