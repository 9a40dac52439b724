using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.GitOps;

/// <summary>A GitOps tool applies the objects in Git again and again, client-side or server-side.</summary>
public sealed class AppliedManifestTests : OperatorTest
{
    private const int Times = 30;
    private const string Tool = "gitops-tool";

    private string BackendName => "applied-" + Namespace;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Apply_AgainAndAgain_ChangesNothing(bool isServerSide)
    {
        // Mutants: a default in the schema; an annotation that the operator removes; a spec field that it writes.
        string manifest = Backend() + Device("same", "one");
        await ApplyAsync(isServerSide, manifest);
        await Bed.WaitForDeviceAsync(Key("same"), "Ready", "True");
        await Eventually.TrueAsync("the backend counts its device and says who serves it", async () =>
            await BackendAsync() is { } found && (int?)found["status"]?["devices"] == 1
            && found["metadata"]!["annotations"]?[Annotations.ServedBy] is not null);
        (string device, string backend, string secret) before = await VersionsAsync("same");
        long since = AuditLog.Position;

        await ApplyAsync(isServerSide, string.Concat(Enumerable.Repeat(manifest, Times)));

        Assert.Equal(before, await VersionsAsync("same"));
        await AssertNoDifferenceAsync(isServerSide, manifest);
        Assert.DoesNotContain(
            AuditLog.Requests(since),
            request => request.IsWrite && (request.Namespace == Namespace || request.Name == BackendName));
        AssertOperatorOwnsOnlyItsOwn((await Cluster.FindAsync(ApiGroup.MailDevices, Key("same")))!);
        AssertOperatorOwnsOnlyItsOwn(await BackendAsync());
        await RemoveAsync("same");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Apply_RotateTokenThenItsRevert_RotatesOnce(bool isServerSide)
    {
        string without = Backend() + Device("turn", token: null), with = Backend() + Device("turn", "2026-11-24");
        await ApplyAsync(isServerSide, without);
        await Bed.WaitForDeviceAsync(Key("turn"), "Ready", "True");

        await ApplyAsync(isServerSide, string.Concat(Enumerable.Repeat(with, Times)));
        await Bed.WaitForDeviceAsync(Key("turn"), "Ready", "True", Reasons.Retiring);
        string rotated = (await Bed.SecretAsync(Key("turn"))).ResourceVersion;
        await ApplyAsync(isServerSide, string.Concat(Enumerable.Repeat(without, Times)));
        await HandledAsync("turn");
        await ApplyAsync(isServerSide, with); // revert the revert
        await HandledAsync("turn");

        Assert.Equal(rotated, (await Bed.SecretAsync(Key("turn"))).ResourceVersion);
        Assert.Equal(2, Bed.Ledger.PasswordsOf(Key("turn")).Count);
        await AssertNoDifferenceAsync(isServerSide, with);
        await RemoveAsync("turn");
    }

    [Fact]
    public async Task Create_BeforeTheOperatorHasLooked_IsInProgress()
    {
        JsonObject created = await Cluster.CreateDeviceAsync(Namespace, "fresh", "{mailbox: fresh@example.com}");
        JsonObject ready = await Bed.WaitForDeviceAsync(Key("fresh"), "Ready", "True");

        Assert.Equal(("InProgress", "Current"), (Kstatus.Of(created), Kstatus.Of(ready)));
        Assert.Equal(["Progressing", "Healthy"], await HealthScripts.RunAsync([created, ready]));
    }

    private string Backend() =>
        $"""
        ---
        apiVersion: mailoperator.io/v1alpha1
        kind: MailBackend
        metadata:
          name: {BackendName}
        {Indented(TestBed.BackendYaml("x", $"{{path: {Bed.Dovecot.PasswdFile}}}", Bed.Dovecot))}

        """;

    private string Device(string name, string? token) =>
        $$"""
        ---
        apiVersion: mailoperator.io/v1alpha1
        kind: MailDevice
        metadata:
          name: {{name}}
          namespace: {{Namespace}}
          labels: {app.kubernetes.io/instance: shop}
          annotations: {{Annotated(token)}}
        spec:
          backendRef: {name: {{BackendName}}}
          mailbox: applied@example.com
          displayName: Applied
          deviceType: Application
          protocols: [SMTP, IMAP]
          allowedNetworks: [127.0.0.1/8]
          rotation: {interval: 90d, overlap: 1h}
          secret:
            labels: {team: a}
            annotations: {note: b}

        """;

    private static string Annotated(string? token) =>
        token is null ? """{note: "from Git"}""" : $$"""{note: "from Git", {{Annotations.Rotate}}: "{{token}}"}""";

    /// <summary>The bed's backend without its first line, the metadata.</summary>
    private static string Indented(string backend) => string.Join('\n', backend.Split('\n').Skip(1));

    private static string[] Way(bool isServerSide) => isServerSide ? ["--server-side", "--field-manager", Tool] : [];

    private static async Task ApplyAsync(bool isServerSide, string manifest)
    {
        (int exitCode, _, string errors) = await Shell.TryAsync(
            "kubectl", ["apply", .. Way(isServerSide), "-f", "-"], manifest);
        Assert.True(exitCode == 0, errors);
    }

    private static async Task AssertNoDifferenceAsync(bool isServerSide, string manifest)
    {
        (int exitCode, string output, string errors) = await Shell.TryAsync(
            "kubectl", ["diff", .. Way(isServerSide), "-f", "-"], manifest);
        Assert.True(exitCode == 0, output + errors);
    }

    private async Task<(string Device, string Backend, string Secret)> VersionsAsync(string name) => (
        Metadata((await Cluster.FindAsync(ApiGroup.MailDevices, Key(name)))!),
        Metadata(await BackendAsync()),
        (await Bed.SecretAsync(Key(name))).ResourceVersion);

    // Includes resourceVersion, generation and managedFields.
    private static string Metadata(JsonObject @object) => @object["metadata"]!.ToJsonString();

    private async Task<JsonObject> BackendAsync() =>
        (await Cluster.FindAsync(ApiGroup.MailBackends, new ObjectKey("", BackendName)))!;

    private static void AssertOperatorOwnsOnlyItsOwn(JsonObject @object)
    {
        JsonObject[] owned = [.. @object["metadata"]!["managedFields"]!.AsArray()
            .Where(static entry => (string)entry!["manager"]! == Annotations.ManagedByValue)
            .Select(static entry => entry!["fieldsV1"]!.AsObject())];

        Assert.NotEmpty(owned);
        Assert.All(
            owned.SelectMany(static fields => fields),
            static field => Assert.Contains(field.Key, (string[])["f:metadata", "f:status"]));
        JsonObject[] metadata = [.. owned.Select(static fields => fields["f:metadata"]).OfType<JsonObject>()];
        Assert.All(
            metadata.SelectMany(static fields => fields),
            static field => Assert.Contains(field.Key, (string[])["f:finalizers", "f:annotations"]));
        Assert.All(
            metadata.Select(static fields => fields["f:annotations"]).OfType<JsonObject>()
                .SelectMany(static fields => fields).Where(static field => field.Key != "."),
            static field => Assert.Contains(
                field.Key, (string[])[$"f:{Annotations.Backend}", $"f:{Annotations.ServedBy}"]));
    }

    private async Task RemoveAsync(string name)
    {
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key(name));
        await Eventually.TrueAsync("the device is gone", async () =>
            await Cluster.FindAsync(ApiGroup.MailDevices, Key(name)) is null);
        await Cluster.DeleteAsync(ApiGroup.MailBackends, new ObjectKey("", BackendName));
    }
}
