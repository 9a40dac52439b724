using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.Servers;

/// <summary>Moving from one MailBackend to another, as in <c>docs/moving.md</c>.</summary>
public sealed class MovingTests : OperatorTest
{
    [Theory]
    [InlineData("2.3")]
    [InlineData("2.4")]
    public async Task Device_MovedFromAFileToADatabase_IsNeverWithoutAPassword(string dovecot)
    {
        // Mutants: passdbs of two shipped configurations share a name, and one is lost; deleting the first device ends
        // the second's password.
        string folder = Directory.CreateTempSubdirectory("mo-moving-").FullName;
        DatabaseServer database = await DatabaseServer.GetAsync("postgresql");
        await using DovecotServer server = await DovecotServer.StartAsync(
            Path.Combine(folder, "dovecot"), dovecot, database: database.Address, both: true);
        string old = $"file-{Namespace}";
        string next = $"table-{Namespace}";
        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "", TestBed.BackendYaml(old, $"{{path: {server.PasswdFile}}}", server));
        await SqlBackends.CreateSecretAsync(Cluster, next, database.OperatorPassword);
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", SqlBackends.Yaml(next, database, server));

        DeviceSecret before = await ReadyAsync("grafana", $"backendRef: {{name: {old}}}", "grafana");
        DeviceSecret between = await ReadyAsync(
            "grafana-moved", $"backendRef: {{name: {next}}}, secret: {{name: grafana-moved}}", "grafana-moved");
        Assert.Equal((true, true), (await ImapAsync(server, before), await ImapAsync(server, between)));
        await Cluster.CreateAsync(
            ResourceType.Secrets, Namespace, "{metadata: {name: source}, stringData: {typed: what a person picked}}");
        string[] chosen = [old, next];
        foreach (string backend in chosen)
        {
            DeviceSecret typed = await ReadyAsync(
                $"typed-{backend}",
                $"backendRef: {{name: {backend}}}, password: {{valueFrom: {{secretKeyRef: {{name: source, "
                + "key: typed}}}",
                $"typed-{backend}");
            Assert.True(await ImapAsync(server, typed), $"the password that a person chose, at {backend}");
            await Cluster.DeleteAsync(ApiGroup.MailDevices, Key($"typed-{backend}"));
            await Eventually.TrueAsync("the chosen password is refused", async () => !await ImapAsync(server, typed));
        }

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("grafana"));
        await Eventually.TrueAsync("the first password is refused", async () => !await ImapAsync(server, before));
        Assert.True(await ImapAsync(server, between));

        // The name that applications mount is used again, once it is free.
        await Eventually.TrueAsync("the first device is gone", async () =>
            await Cluster.FindAsync(ApiGroup.MailDevices, Key("grafana")) is null);
        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("grafana-moved"), "{spec: {secret: {name: grafana}}}");
        await Eventually.TrueAsync("there is a Secret of the old name", async () =>
            await Cluster.FindAsync(ResourceType.Secrets, Key("grafana")) is not null);
        Assert.Equal(
            (true, true),
            (await ImapAsync(server, await Bed.SecretAsync(Key("grafana"))), await ImapAsync(server, between)));
    }

    private async Task<DeviceSecret> ReadyAsync(string device, string more, string secret)
    {
        await Cluster.CreateDeviceAsync(
            Namespace, device, $"{{mailbox: chosen-moving@example.com, rotation: {{overlap: 1h}}, {more}}}");
        await Bed.WaitForDeviceAsync(Key(device), "Ready", "True");
        return await Bed.SecretAsync(Key(secret));
    }

    private static Task<bool> ImapAsync(DovecotServer server, DeviceSecret secret) =>
        MailLogin.ImapAsync(server.ImapPort, secret["username"], secret["password"]);
}
