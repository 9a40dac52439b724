using System.Text.Json.Nodes;
using k8s;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>Objects deleted in an unusual order: nothing gets stuck, and no password keeps working.</summary>
public sealed class TeardownTests : OperatorTest
{
    private static readonly ResourceType Definitions =
        new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", IsNamespaced: false);

    [Fact]
    public async Task DeletionPolicy_ChangedWhileTheObjectIsTerminating_CountsAsItIsThen()
    {
        (string backend, string folder, string path) = await CreateBackendAsync("away");
        await Cluster.CreateDeviceAsync(
            Namespace, "spared", $"{{mailbox: spared@example.com, backendRef: {{name: {backend}}}}}");
        await Bed.WaitForDeviceAsync(Key("spared"), "Ready", "True");
        Directory.Move(folder, folder + ".away");
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("spared"));
        await Bed.WaitForDeviceAsync(Key("spared"), "RevocationPending", "True");

        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("spared"), "{spec: {deletionPolicy: Retain}}");
        Directory.Move(folder + ".away", folder);

        await GoneAsync(ApiGroup.MailDevices, Key("spared"));
        Assert.Contains(
            "imap/spared@example.com/", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        await Cluster.DeleteAsync(ApiGroup.MailBackends, new ObjectKey("", backend));
        await GoneAsync(ApiGroup.MailBackends, new ObjectKey("", backend));
    }

    [Fact]
    public async Task VolumeOfThePasswdFile_NotMounted_IsNoProofThatThePasswordsAreGone()
    {
        (string backend, string folder, string path) = await CreateBackendAsync("unmounted");
        foreach (string name in (string[])["revoked", "kept"])
        {
            await Cluster.CreateDeviceAsync(
                Namespace, name, $"{{mailbox: {name}@example.com, backendRef: {{name: {backend}}}}}");
            await Bed.WaitForDeviceAsync(Key(name), "Ready", "True");
        }

        Directory.Move(folder, folder + ".away");
        Directory.CreateDirectory(folder);
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("revoked"));
        JsonObject waiting = await Bed.WaitForDeviceAsync(
            Key("revoked"), "RevocationPending", "True", Reasons.RevocationBlocked);
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("kept"), Annotations.ReconcileRequestedAt, "now");
        await Bed.WaitForDeviceAsync(Key("kept"), "Ready", "False", Reasons.BackendUnavailable);

        Assert.Contains($"{path} is missing", (string)Status.Condition(waiting, "RevocationPending")!["message"]!);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        Directory.Delete(folder);
        Directory.Move(folder + ".away", folder);
        await GoneAsync(ApiGroup.MailDevices, Key("revoked"));
        Assert.DoesNotContain(
            "/revoked@example.com/", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        // The backend is probed once a minute.
        await Bed.WaitForDeviceAsync(Key("kept"), "Ready", "True", limit: TimeSpan.FromSeconds(90));
    }

    [Fact]
    public async Task SecretOfTheBackend_DeletedFirst_ComesBackWithTheSamePasswordsAndHoldsNoDevice()
    {
        string backend = $"hashes-{Guid.NewGuid().ToString("N")[..8]}";
        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "",
            TestBed.BackendYaml(backend, $"{{secret: {{namespace: {Namespace}, name: passwd}}}}", Bed.Dovecot));
        await Cluster.CreateDeviceAsync(
            Namespace, "app", $"{{mailbox: app@example.com, backendRef: {{name: {backend}}}}}");
        await Bed.WaitForDeviceAsync(Key("app"), "Ready", "True");
        DeviceSecret issued = await Bed.SecretAsync(Key("app"));

        await Cluster.DeleteAsync(ResourceType.Secrets, Key("passwd"));
        int asked = 0;
        await Eventually.TrueAsync("the hashes are back", async () =>
        {
            // Without an event within a minute. Recently read data is cached, so one request may come too early.
            await Cluster.AnnotateAsync(
                ApiGroup.MailDevices, Key("app"), Annotations.ReconcileRequestedAt, $"{asked++}");
            return await Cluster.FindAsync(ResourceType.Secrets, Key("passwd")) is { } passwd
                && new DeviceSecret(passwd)["app-passwords"]
                    .Contains($"imap/app@example.com/{issued["password"][..6]}:", StringComparison.Ordinal);
        });
        Assert.Equal(issued.ResourceVersion, (await Bed.SecretAsync(Key("app"))).ResourceVersion);

        await Cluster.DeleteAsync(ResourceType.Secrets, Key("passwd"));
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("app"));
        await GoneAsync(ApiGroup.MailDevices, Key("app"));
        await Cluster.DeleteAsync(ApiGroup.MailBackends, new ObjectKey("", backend));
        await GoneAsync(ApiGroup.MailBackends, new ObjectKey("", backend));
    }

    [Fact]
    public async Task Definition_OfMailDevicesDeleted_RevokesAllAndTheOperatorLivesOnToServeANewOne()
    {
        await Cluster.CreateDeviceAsync(Namespace, "first", "{mailbox: teardown@example.com}");
        JsonObject device = await Bed.WaitForDeviceAsync(Key("first"), "Ready", "True");
        DeviceSecret secret = await Bed.SecretAsync(Key("first"));
        using var definitions = new Cluster(KubernetesClientConfiguration.BuildConfigFromConfigFile(
            Environment.GetEnvironmentVariable("KUBECONFIG_CRD")));
        var definition = new ObjectKey("", "maildevices.mailoperator.io");

        await definitions.DeleteAsync(Definitions, definition);
        await Eventually.TrueAsync(
            "the definition is gone", TimeSpan.FromSeconds(90),
            async () => await definitions.FindAsync(Definitions, definition) is null);

        Assert.Empty(Bed.PasswdLines(device));
        await Eventually.TrueAsync("the password is refused", async () => !await Bed.ImapAsync(secret));
        Bed.Operator.AssertIsRunning();

        await Shell.RunAsync(Repository.Path("tests", "control-plane", "install-crds.sh"));
        await Cluster.CreateDeviceAsync(Namespace, "second", "{mailbox: teardown@example.com}");
        // A watch is retried after half a minute at most.
        await Bed.WaitForDeviceAsync(Key("second"), "Ready", "True", limit: TimeSpan.FromSeconds(90));
        Assert.True(await Bed.ImapAsync(await Bed.SecretAsync(Key("second"))));
    }

    private Task<TimeSpan> GoneAsync(ResourceType type, ObjectKey key) => Eventually.TrueAsync(
        $"{type.Kind} {key.Name} is gone", TimeSpan.FromSeconds(60),
        async () => await Cluster.FindAsync(type, key) is null);

    /// <summary>A MailBackend with a passwd-file in its own folder, like a volume.</summary>
    private async Task<(string Name, string Folder, string File)> CreateBackendAsync(string prefix)
    {
        string name = $"{prefix}-{Guid.NewGuid().ToString("N")[..8]}";
        string folder = Path.Combine(Bed.Operator.Folder, name);
        string file = Path.Combine(folder, "app-passwords");
        Directory.CreateDirectory(folder);
        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "", TestBed.BackendYaml(name, $"{{path: {file}}}", Bed.Dovecot));
        return (name, folder, file);
    }
}
