using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

public sealed class RevocationTests : OperatorTest
{
    [Fact]
    public async Task Delete_OneOfTwoDevices_EndsItsPasswordAlone()
    {
        await Cluster.CreateDeviceAsync(Namespace, "phone", "{mailbox: two@example.com}");
        await Cluster.CreateDeviceAsync(Namespace, "printer", "{mailbox: two@example.com}");
        await Bed.WaitForDeviceAsync(Key("phone"), "Ready", "True");
        await Bed.WaitForDeviceAsync(Key("printer"), "Ready", "True");
        DeviceSecret phone = await Bed.SecretAsync(Key("phone"));
        DeviceSecret printer = await Bed.SecretAsync(Key("printer"));
        Assert.NotEqual(phone["password"], printer["password"]);
        Assert.True(await Bed.ImapAsync(phone));
        Assert.True(await Bed.ImapAsync(printer));

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("phone"));
        await Eventually.TrueAsync("the object is gone", async () =>
            await Cluster.FindAsync(ApiGroup.MailDevices, Key("phone")) is null);

        await Eventually.TrueAsync("its password is refused", async () => !await Bed.ImapAsync(phone));
        Assert.True(await Bed.ImapAsync(printer));
        Assert.Null(await Cluster.FindAsync(ResourceType.Secrets, Key("phone")));
    }

    [Fact]
    public async Task Delete_WithStatusWiped_StillRevokes()
    {
        await Cluster.CreateDeviceAsync(Namespace, "wiped", "{mailbox: wiped@example.com}");
        JsonObject device = await Bed.WaitForDeviceAsync(Key("wiped"), "Ready", "True");
        Assert.NotEmpty(Bed.PasswdLines(device));
        await Bed.Operator.StopAsync();
        await Cluster.Api.JsonPatchAsync(
            ApiGroup.MailDevices, Key("wiped"), "status", """[{"op":"remove","path":"/status"}]"""u8.ToArray(),
            TestContext.Current.CancellationToken);
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("wiped"));

        await Bed.Operator.StartAsync();

        await Eventually.TrueAsync("the object is gone", async () =>
            await Cluster.FindAsync(ApiGroup.MailDevices, Key("wiped")) is null);
        Assert.Empty(Bed.PasswdLines(device));
    }

    [Fact]
    public async Task Delete_BackendUnusable_WaitsAndSaysSoUntilRepairedOrAbandoned()
    {
        string backend = $"broken-{Guid.NewGuid().ToString("N")[..8]}";
        string path = Path.Combine(Bed.Operator.Folder, backend, "app-passwords");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "", TestBed.BackendYaml(backend, $"{{path: {path}}}", Bed.Dovecot));
        foreach (string name in (string[])["stuck", "lost"])
        {
            await Cluster.CreateDeviceAsync(
                Namespace, name, $"{{mailbox: {name}@example.com, backendRef: {{name: {backend}}}}}");
        }

        JsonObject lost = await Bed.WaitForDeviceAsync(Key("lost"), "Ready", "True");
        await Bed.WaitForDeviceAsync(Key("stuck"), "Ready", "True");
        Directory.Move(Path.GetDirectoryName(path)!, Path.GetDirectoryName(path)! + ".away");

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("stuck"));
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("lost"));
        JsonObject waiting = await Bed.WaitForDeviceAsync(
            Key("stuck"), "RevocationPending", "True", Reasons.RevocationBlocked);
        Assert.Contains(path, (string)Status.Condition(waiting, "RevocationPending")!["message"]!);
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("stuck"), Annotations.AbandonRevocation, "not-its-uid");
        await Cluster.AnnotateAsync(
            ApiGroup.MailDevices, Key("lost"), Annotations.AbandonRevocation, (string)lost["metadata"]!["uid"]!);

        await Eventually.TrueAsync("the abandoned one is let go", async () =>
            await Cluster.FindAsync(ApiGroup.MailDevices, Key("lost")) is null);
        await Eventually.TrueAsync("an event says that it was abandoned", async () =>
            (await Cluster.ListAsync(ResourceType.Events, Namespace)).Any(one =>
                (string)one["reason"]! == Reasons.RevocationAbandoned
                && (string)one["involvedObject"]!["name"]! == "lost"));
        Assert.NotNull(await Cluster.FindAsync(ApiGroup.MailDevices, Key("stuck")));

        Directory.Move(Path.GetDirectoryName(path)! + ".away", Path.GetDirectoryName(path)!);
        await Eventually.TrueAsync(
            "the other is revoked once its backend is back", TimeSpan.FromSeconds(60), async () =>
                await Cluster.FindAsync(ApiGroup.MailDevices, Key("stuck")) is null);
        Assert.DoesNotContain(
            "stuck@example.com", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Delete_PolicyRetain_KeepsTheCredential()
    {
        await Cluster.CreateDeviceAsync(Namespace, "kept", "{mailbox: kept@example.com, deletionPolicy: Retain}");
        await Bed.WaitForDeviceAsync(Key("kept"), "Ready", "True");
        DeviceSecret secret = await Bed.SecretAsync(Key("kept"));

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("kept"));
        await Eventually.TrueAsync("the object is gone", async () =>
            await Cluster.FindAsync(ApiGroup.MailDevices, Key("kept")) is null);

        Assert.True(await Bed.ImapAsync(secret));
        // Mutant: the reason of a revocation, for a password that goes on working.
        await Eventually.TrueAsync("an event says that it was retained", async () =>
            (await Cluster.ListAsync(ResourceType.Events, Namespace)).Any(static one =>
                (string)one["reason"]! == Reasons.Retained && (string)one["involvedObject"]!["name"]! == "kept"));
    }

    [Fact]
    public async Task Delete_Namespace_RevokesAllOfItsDevices()
    {
        string going = await Cluster.NewNamespaceAsync("going");
        await Cluster.CreateDeviceAsync(going, "one", "{mailbox: going@example.com}");
        await Cluster.CreateDeviceAsync(going, "paused", "{mailbox: going@example.com}");
        JsonObject device = await Bed.WaitForDeviceAsync(new ObjectKey(going, "one"), "Ready", "True");
        JsonObject paused = await Bed.WaitForDeviceAsync(new ObjectKey(going, "paused"), "Ready", "True");
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, new ObjectKey(going, "paused"), Annotations.Paused, "true");

        await Cluster.DeleteAsync(ResourceType.Namespaces, new ObjectKey("", going));

        await Eventually.TrueAsync("the namespace is gone", TimeSpan.FromSeconds(60), async () =>
            await Cluster.FindAsync(ResourceType.Namespaces, new ObjectKey("", going)) is null);
        Assert.Empty(Bed.PasswdLines(device));
        Assert.Empty(Bed.PasswdLines(paused));
    }

    [Fact]
    public async Task Delete_BackendInUse_WaitsForItsDevices()
    {
        string backend = $"used-{Guid.NewGuid().ToString("N")[..8]}";
        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "",
            TestBed.BackendYaml(backend, $"{{path: {Bed.Dovecot.PasswdFile}}}", Bed.Dovecot));
        await Cluster.CreateDeviceAsync(
            Namespace, "user", $"{{mailbox: user@example.com, backendRef: {{name: {backend}}}}}");
        await Bed.WaitForDeviceAsync(Key("user"), "Ready", "True");

        await Cluster.DeleteAsync(ApiGroup.MailBackends, new ObjectKey("", backend));

        JsonObject held = await Eventually.GetAsync("the backend says who uses it", async () =>
            await Cluster.FindAsync(ApiGroup.MailBackends, new ObjectKey("", backend)) is { } found
            && (string?)Status.Condition(found, "Ready")?["reason"] == Reasons.BackendInUse ? found : null);
        Assert.Contains($"{Namespace}/user", (string)Status.Condition(held, "Ready")!["message"]!);

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("user"));
        await Eventually.TrueAsync("the backend goes after its last device", async () =>
            await Cluster.FindAsync(ApiGroup.MailBackends, new ObjectKey("", backend)) is null);
    }

    [Fact]
    public async Task Recreate_UnderTheSameName_GetsAPasswordOfItsOwn()
    {
        await Cluster.CreateDeviceAsync(Namespace, "again", "{mailbox: again@example.com}");
        JsonObject first = await Bed.WaitForDeviceAsync(Key("again"), "Ready", "True");
        DeviceSecret old = await Bed.SecretAsync(Key("again"));

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("again"));
        await Eventually.TrueAsync("a new object of the name is taken", async () =>
        {
            try
            {
                await Cluster.CreateDeviceAsync(Namespace, "again", "{mailbox: again@example.com}");
                return true;
            }
            catch (ApiException e) when (e.IsConflict)
            {
                return false;
            }
        });

        JsonObject second = await Bed.WaitForDeviceAsync(Key("again"), "Ready", "True");
        DeviceSecret secret = await Bed.SecretAsync(Key("again"));
        Assert.NotEqual((string)first["metadata"]!["uid"]!, (string)second["metadata"]!["uid"]!);
        Assert.NotEqual(old["password"], secret["password"]);
        Assert.True(await Bed.ImapAsync(secret));
        Assert.Empty(Bed.PasswdLines(first));
    }
}
