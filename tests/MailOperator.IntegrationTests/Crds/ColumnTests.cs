using System.Diagnostics;
using System.Text.Json.Nodes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Crds;

public sealed class ColumnTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Condition =
        "{type: Ready, status: 'True', reason: Issued, message: The password is accepted., lastTransitionTime: "
        + "'2026-01-01T00:00:00Z'}";

    [Fact]
    public async Task KubectlGet_MailDevices_ShowsTheDevice()
    {
        JsonObject device = await CreateWithStatusAsync(
            "{kind: MailDevice, metadata: {name: grafana}, spec: {mailbox: alerts@example.com, displayName: "
            + "Grafana alerts, userRef: {name: ada}}}",
            "{backend: dovecot, issuedAt: '2026-01-01T00:00:00Z', nextRotationTime: '2027-01-01T00:00:00Z', expiresAt: "
            + $"'2028-01-01T00:00:00Z', binding: {{name: grafana-smtp}}, conditions: [{Condition}]}}");

        string[][] shown = await KubectlAsync("get", "mdev", "-n", server.Namespace);
        string[][] wide = await KubectlAsync("get", "mdev", "-n", server.Namespace, "-o", "wide");

        Assert.Equal(
            ["NAME", "MAILBOX", "DEVICE", "USER", "READY", "REASON", "SECRET", "ROTATED", "NEXT", "EXPIRES", "AGE"],
            shown[0]);
        Assert.Equal(
            ["grafana", "alerts@example.com", "Grafana alerts", "ada", "True", "Issued", "grafana-smtp"],
            shown[1][..7]);
        Assert.Matches("^[0-9]+[ydhms]", shown[1][7]);
        Assert.Equal(["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"], shown[1][8..10]);
        Assert.Equal([.. shown[0], "BACKEND"], wide[0]);
        Assert.Equal("dovecot", wide[1][^1]);
        await server.DeleteAsync(device, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task KubectlGet_MailBackends_ShowsTheBackend()
    {
        JsonObject backend = await CreateWithStatusAsync(
            "{kind: MailBackend, metadata: {name: columns}, spec: {passwdFile: {path: /data/passwd}, client: {imap: "
            + "{host: a, port: 993}}}}",
            "{devices: 7, orphanSlots: 2, conditions: "
            + $"[{Condition.Replace("Issued", "BackendReady", StringComparison.Ordinal)}]}}");

        string[][] shown = await KubectlAsync("get", "mbe", "columns");
        string[][] wide = await KubectlAsync("get", "mbe", "columns", "-o", "wide");

        Assert.Equal(["NAME", "DEVICES", "READY", "REASON", "AGE"], shown[0]);
        Assert.Equal(["columns", "7", "True", "BackendReady"], shown[1][..4]);
        Assert.Equal([.. shown[0], "ORPHANS"], wide[0]);
        Assert.Equal("2", wide[1][^1]);
        await server.DeleteAsync(backend, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task KubectlGet_MailUsers_ShowsTheUser()
    {
        JsonObject user = await CreateWithStatusAsync(
            "{kind: MailUser, metadata: {name: ada}, spec: {emailAddress: ada@example.com, sending: Denied, "
            + "suspended: true}}",
            "{devices: 3, followingDevices: 2, conditions: "
            + $"[{Condition.Replace("Issued", "UserSuspended", StringComparison.Ordinal)}]}}");

        string[][] shown = await KubectlAsync("get", "muser", "-n", server.Namespace);

        Assert.Equal(
            ["NAME", "EMAIL", "SENDING", "SUSPENDED", "DEVICES", "FOLLOWING", "READY", "REASON", "AGE"], shown[0]);
        Assert.Equal(["ada", "ada@example.com", "Denied", "true", "3", "2", "True", "UserSuspended"], shown[1][..8]);
        await server.DeleteAsync(user, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task KubectlGet_DeviceInvitations_ShowsTheInvitation()
    {
        string claimed = Condition.Replace("Ready", "Claimed", StringComparison.Ordinal)
            .Replace("'True'", "'False'", StringComparison.Ordinal);
        JsonObject invitation = await CreateWithStatusAsync(
            "{kind: DeviceInvitation, metadata: {name: ada-phone}, spec: {mailbox: ada@example.com, "
            + "userRef: {name: ada}}}",
            "{expiresAt: '2028-01-01T00:00:00Z', sentAt: '2026-01-01T00:00:00Z', offer: {mailbox: "
            + "ada@example.com, username: ada@example.com, deviceName: My phone, holder: Ada, protocols: [IMAP], "
            + $"client: {{}}, password: {{length: 32, alphabet: Lowercase, workFactor: 10, chosen: Denied}}}}, "
            + $"conditions: [{Condition}, {claimed}]}}");

        string[][] shown = await KubectlAsync("get", "minv", "-n", server.Namespace);
        string[][] wide = await KubectlAsync("get", "minv", "-n", server.Namespace, "-o", "wide");

        Assert.Equal(
            ["NAME", "MAILBOX", "DEVICE", "USER", "READY", "REASON", "CLAIMED", "EXPIRES", "AGE"], shown[0]);
        Assert.Equal(
            ["ada-phone", "ada@example.com", "My phone", "ada", "True", "Issued", "False", "2028-01-01T00:00:00Z"],
            shown[1][..8]);
        Assert.Equal([.. shown[0], "SENT"], wide[0]);
        await server.DeleteAsync(invitation, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task KubectlGet_ByUser_ShowsOnlyTheirDevices()
    {
        JsonObject wanted = await CreateWithStatusAsync(
            "{kind: MailDevice, metadata: {name: wanted}, spec: {mailbox: shop@example.com, userRef: {name: ada}}}",
            "{}");
        JsonObject other = await CreateWithStatusAsync(
            "{kind: MailDevice, metadata: {name: other}, spec: {mailbox: shop@example.com}}", "{}");

        string[][] shown = await KubectlAsync(
            "get", "mdev", "-n", server.Namespace, "--field-selector", "spec.userRef.name=ada");

        Assert.Equal(["wanted"], shown[1..].Select(row => row[0]));
        await server.DeleteAsync(wanted, TestContext.Current.CancellationToken);
        await server.DeleteAsync(other, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task KubectlGet_ByMailbox_ShowsOnlyItsDevices()
    {
        JsonObject wanted = await CreateWithStatusAsync(
            "{kind: MailDevice, metadata: {name: wanted}, spec: {mailbox: shop@example.com}}", "{}");
        JsonObject other = await CreateWithStatusAsync(
            "{kind: MailDevice, metadata: {name: other}, spec: {mailbox: it@example.com}}", "{}");

        string[][] shown = await KubectlAsync(
            "get", "mdev", "-n", server.Namespace, "--field-selector", "spec.mailbox=shop@example.com");

        Assert.Equal(["wanted"], shown[1..].Select(row => row[0]));
        await server.DeleteAsync(wanted, TestContext.Current.CancellationToken);
        await server.DeleteAsync(other, TestContext.Current.CancellationToken);
    }

    private async Task<JsonObject> CreateWithStatusAsync(string yaml, string status)
    {
        JsonObject @object = YamlJson.Parse(yaml)!.AsObject();
        @object["apiVersion"] = "mailoperator.io/v1alpha1";
        Assert.Null(await server.CreateAsync(@object, dryRun: false, TestContext.Current.CancellationToken));
        Assert.Null(await server.PatchAsync(
            @object, "status", new JsonObject { ["status"] = YamlJson.Parse(status) },
            TestContext.Current.CancellationToken));
        return @object;
    }

    /// <summary>A table of kubectl, split at two spaces or more.</summary>
    private static async Task<string[][]> KubectlAsync(params string[] arguments)
    {
        using Process kubectl = Process.Start(
            new ProcessStartInfo("kubectl", arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        Task<string> errors = kubectl.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string table = await kubectl.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await kubectl.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(kubectl.ExitCode == 0, await errors);
        return
        [
            .. table.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(
                    line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)),
        ];
    }
}
