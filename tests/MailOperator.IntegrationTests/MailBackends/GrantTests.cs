using System.Diagnostics;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailBackends;

public sealed class GrantTests(ITestOutputHelper output) : OperatorTest
{
    private readonly string _backend = $"grants-{Guid.NewGuid().ToString("N")[..8]}";

    [Fact]
    public async Task Denied_WithASecretAndAStatusOfItsOwn_HasNoLineInThePasswdFile()
    {
        await CreateBackendAsync(
            $"{{grants: [{{namespaces: {{names: [{Namespace}]}}, mailboxes: ['ok-*@example.com']}}]}}");
        await CreateDeviceAsync("ok", "ok-1@example.com");
        JsonObject allowed = await Bed.WaitForDeviceAsync(Key("ok"), "Ready", "True");
        JsonObject genuine = (await Bed.SecretAsync(Key("ok"))).Json;
        string elsewhere = await Cluster.NewNamespaceAsync("tenant");
        ObjectKey[] denied = [Key("boss"), new ObjectKey(elsewhere, "ok"), new ObjectKey(elsewhere, "boss")];

        foreach (ObjectKey key in denied)
        {
            JsonObject device = await CreateDeviceAsync(
                key.Name, key.Name == "ok" ? "ok-1@example.com" : "boss@example.com", key.Namespace);
            await Bed.WaitForDeviceAsync(key, "Ready", "False", Reasons.NotAllowed);
            await Cluster.CreateAsync(
                ResourceType.Secrets, key.Namespace, Forged(genuine, key, (string)device["metadata"]!["uid"]!));
            await Cluster.MergeAsync(
                ApiGroup.MailDevices, key,
                "{metadata: {annotations: {mailoperator.io/rotate: now, mailoperator.io/epoch: '9'}}}");
            await Cluster.Api.JsonPatchAsync(
                ApiGroup.MailDevices, key, "status",
                """
                [{"op":"add","path":"/status/credentials","value":[{"id":"aaaaaa","state":"Current"}]}]
                """u8.ToArray(),
                TestContext.Current.CancellationToken);
        }

        // A device that is created later is reconciled later.
        await CreateDeviceAsync("last", "ok-2@example.com");
        await Bed.WaitForDeviceAsync(Key("last"), "Ready", "True");
        foreach (ObjectKey key in denied)
        {
            JsonObject device = await Bed.WaitForDeviceAsync(key, "Ready", "False", Reasons.NotAllowed);
            Assert.Empty(Bed.PasswdLines(device));
        }

        Assert.NotEmpty(Bed.PasswdLines(allowed));
        await Cluster.DeleteAsync(ResourceType.Namespaces, new ObjectKey("", elsewhere));
    }

    [Fact]
    public async Task Quota_Full_RefusesTheNewestAndGivesItThePlaceThatIsFreed()
    {
        await CreateBackendAsync("{grants: [{mailboxes: ['team@example.com'], maxDevicesPerMailbox: 2}]}");
        await CreateDeviceAsync("one", "team@example.com");
        await CreateDeviceAsync("two", "team@example.com");
        await Bed.WaitForDeviceAsync(Key("one"), "Ready", "True");
        await Bed.WaitForDeviceAsync(Key("two"), "Ready", "True");
        JsonObject third = await CreateDeviceAsync("three", "team@example.com");
        await Bed.WaitForDeviceAsync(Key("three"), "Ready", "False", Reasons.QuotaExceeded);
        Assert.Empty(Bed.PasswdLines(third));

        await Bed.ChangeBackendAsync(
            _backend, "{spec: {grants: [{mailboxes: ['team@example.com'], maxDevicesPerMailbox: 1}]}}");
        DeviceSecret two = await Bed.SecretAsync(Key("two"));
        // A device keeps its place for rotations.
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("two"), Annotations.Rotate, "on");
        await Eventually.TrueAsync(
            "it rotates", async () => (await Bed.SecretAsync(Key("two")))["password"] != two["password"]);
        Assert.True(await Bed.ImapAsync(await Bed.SecretAsync(Key("one"))));

        await Cluster.MergeAsync(
            ApiGroup.MailBackends, new ObjectKey("", _backend),
            "{spec: {grants: [{mailboxes: ['team@example.com'], maxDevicesPerMailbox: 2}]}}");
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("one"));
        var clock = Stopwatch.StartNew();
        await Bed.WaitForDeviceAsync(Key("three"), "Ready", "True"); // the recheck each minute would be too late
        output.WriteLine($"the place went on after {clock.ElapsedMilliseconds} ms");
        Assert.True(await Bed.ImapAsync(await Bed.SecretAsync(Key("three"))));
    }

    [Fact]
    public async Task GrantWithdrawn_KeepThenRevoke_WorksOnThenEnds()
    {
        await CreateBackendAsync("{grants: [{mailboxes: ['guest@example.com']}]}");
        await CreateDeviceAsync("guest", "guest@example.com");
        await Bed.WaitForDeviceAsync(Key("guest"), "Ready", "True");
        DeviceSecret secret = await Bed.SecretAsync(Key("guest"));

        await Cluster.MergeAsync(ApiGroup.MailBackends, new ObjectKey("", _backend), "{spec: {grants: null}}");
        await Bed.WaitForDeviceAsync(Key("guest"), "Ready", "False", Reasons.NotAllowed);
        Assert.True(await Bed.ImapAsync(secret));

        await Cluster.MergeAsync(
            ApiGroup.MailBackends, new ObjectKey("", _backend), "{spec: {grantWithdrawn: Revoke}}");
        await Eventually.TrueAsync(
            "the Secret is gone", async () => await Cluster.FindAsync(ResourceType.Secrets, Key("guest")) is null);
        await Eventually.TrueAsync("the password is refused", async () => !await Bed.ImapAsync(secret));
        JsonObject device = await Bed.WaitForDeviceAsync(Key("guest"), "CredentialIssued", "False", Reasons.NotAllowed);
        Assert.Empty(Bed.PasswdLines(device));
        Assert.Null(device["status"]!["credentials"]);

        await Cluster.MergeAsync(
            ApiGroup.MailBackends, new ObjectKey("", _backend),
            "{spec: {grants: [{mailboxes: ['guest@example.com']}]}}");
        await Bed.WaitForDeviceAsync(Key("guest"), "Ready", "True");
        DeviceSecret anew = await Bed.SecretAsync(Key("guest"));
        Assert.NotEqual(secret["password"], anew["password"]);
        Assert.True(await Bed.ImapAsync(anew));
        Assert.False(await Bed.ImapAsync(secret));
    }

    private async Task CreateBackendAsync(string spec)
    {
        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "",
            TestBed.BackendYaml(_backend, $"{{path: {Bed.Dovecot.PasswdFile}}}", Bed.Dovecot));
        await Bed.ChangeBackendAsync(_backend, $"{{spec: {spec}}}");
    }

    private Task<JsonObject> CreateDeviceAsync(string name, string mailbox, string? @namespace = null) =>
        Cluster.CreateDeviceAsync(
            @namespace ?? Namespace, name, $"{{mailbox: {mailbox}, backendRef: {{name: {_backend}}}}}");

    private static JsonObject Forged(JsonObject genuine, ObjectKey key, string uid)
    {
        var forged = (JsonObject)genuine.DeepClone();
        JsonObject metadata = forged["metadata"]!.AsObject();
        foreach (string name in (string[])["uid", "resourceVersion", "creationTimestamp", "managedFields", "namespace"])
        {
            metadata.Remove(name);
        }

        metadata["name"] = key.Name;
        metadata["ownerReferences"]![0]!["name"] = key.Name;
        metadata["ownerReferences"]![0]!["uid"] = uid;
        return forged;
    }
}
