using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.Servers;

public sealed class LastUseTests : OperatorTest
{
    [Theory]
    [InlineData("2.3")]
    [InlineData("2.4")]
    public async Task Login_WithALoginLog_ShowsInTheStatusOfTheDeviceThatItWas(string dovecot)
    {
        MailSystem mail = await Bed.MailSystemAsync(dovecot);
        var backend = new ObjectKey("", $"logged-{Guid.NewGuid().ToString("N")[..8]}");
        string file = $"{{path: {mail.Dovecot.PasswdFile}, loginLog: {{path: {mail.Dovecot.Log}}}}}";
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", TestBed.BackendYaml(backend.Name, file, mail.Dovecot));
        await Eventually.TrueAsync("the backend says that it can tell the last use", async () =>
            (await Cluster.FindAsync(ApiGroup.MailBackends, backend))?["status"]?["capabilities"]?.AsArray().Any(
                static one => (string)one! == "LastUse") ?? false);
        DeviceSecret used = await IssueAsync("used", backend);
        await IssueAsync("idle", backend);

        await Eventually.TrueAsync("the device logs in", () =>
            MailLogin.Pop3Async(mail.Dovecot.Pop3Port, used["username"], used["password"], from: "127.0.0.9"));
        // Dovecot writes its log asynchronously: poll until it is there, and not every minute as in production.
        JsonObject device = await Eventually.GetAsync("the status shows the login", async () =>
        {
            await Cluster.AnnotateAsync(
                ApiGroup.MailBackends, backend, "example.com/look", Guid.NewGuid().ToString("N"));
            return await Cluster.FindAsync(ApiGroup.MailDevices, Key("used")) is { } found
                && found["status"]!["lastUse"] is not null
                ? found
                : null;
        });

        JsonNode use = device["status"]!["lastUse"]!;
        Assert.Equal(("127.0.0.9", "POP3"), ((string)use["address"]!, (string)use["protocol"]!));
        Assert.InRange(
            TimeProvider.System.GetUtcNow() - Rfc3339.Parse((string)use["time"]!)!.Value, TimeSpan.Zero,
            TimeSpan.FromMinutes(5));
        Assert.Null((await Cluster.FindAsync(ApiGroup.MailDevices, Key("idle")))!["status"]!["lastUse"]);
    }

    private async Task<DeviceSecret> IssueAsync(string name, ObjectKey backend)
    {
        await Cluster.CreateDeviceAsync(
            Namespace, name, $"{{mailbox: logged@example.com, backendRef: {{name: {backend.Name}}}}}");
        await Bed.WaitForDeviceAsync(Key(name), "Ready", "True");
        return await Bed.SecretAsync(Key(name));
    }
}
