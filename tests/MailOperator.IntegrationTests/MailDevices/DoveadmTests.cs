using System.Text;
using System.Text.Json.Nodes;
using MailKit.Net.Imap;
using MailKit.Security;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>
/// With doveadm in the MailBackend, cached logins and sessions end with the password. Real Dovecot with an auth cache.
/// </summary>
public sealed class DoveadmTests : OperatorTest
{
    private readonly string _backend = $"told-{Guid.NewGuid().ToString("N")[..8]}";

    [Fact]
    public async Task Delete_WithOpenSessionAndCachedVerdict_EndsBothAndLeavesOtherMailboxes()
    {
        // Mutants: notify nobody; do not flush the cache; kick every mailbox.
        await CreateBackendAsync($"http://127.0.0.1:{Bed.Dovecot.DoveadmPort}/doveadm/v1");
        string mailbox = $"{_backend}@example.com";
        DeviceSecret going = await IssueAsync("going", mailbox);
        DeviceSecret staying = await IssueAsync("staying", $"other-{mailbox}");
        using ImapClient session = await OpenAsync(going);
        using ImapClient other = await OpenAsync(staying);
        string person = Path.Combine(Bed.Dovecot.PeopleFolder, mailbox);
        await File.WriteAllTextAsync(
            person, """{"password": "of the person"}""", TestContext.Current.CancellationToken);
        Assert.True(await MailLogin.ImapAsync(Bed.Dovecot.ImapPort, mailbox, "of the person"));
        File.Delete(person);
        Assert.True(
            await MailLogin.ImapAsync(Bed.Dovecot.ImapPort, mailbox, "of the person"),
            "Dovecot did not cache, so nothing is shown here.");

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("going"));
        await GoneAsync("going");

        Assert.False(await Bed.ImapAsync(going));
        Assert.False(await IsAliveAsync(session));
        Assert.False(
            await MailLogin.ImapAsync(Bed.Dovecot.ImapPort, mailbox, "of the person"),
            "The auth cache was not flushed.");
        Assert.True(await IsAliveAsync(other));
        Assert.True(await Bed.ImapAsync(staying));
    }

    [Fact]
    public async Task Rotate_WithOpenSession_KeepsItUntilRotateAndRevokeEndsIt()
    {
        // Mutants: end sessions after an overlap; keep sessions after a leak.
        await CreateBackendAsync($"http://127.0.0.1:{Bed.Dovecot.DoveadmPort}/doveadm/v1");
        DeviceSecret first = await IssueAsync("leaked", $"{_backend}@example.com", "rotation: {overlap: 1s}");
        using ImapClient session = await OpenAsync(first);

        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("leaked"), Annotations.Rotate, "two");
        await Eventually.TrueAsync("the first password is refused and forgotten", async () =>
            !await Bed.ImapAsync(first)
            && Bed.PasswdLines().Count(line => line.Contains($"imap/{_backend}@", StringComparison.Ordinal)) == 1);
        Assert.True(await IsAliveAsync(session));

        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("leaked"), Annotations.RotateAndRevoke, "leak");
        await Eventually.TrueAsync("the session has ended", async () => !await IsAliveAsync(session));
        await Bed.WaitForDeviceAsync(Key("leaked"), "Ready", "True", Reasons.Issued);
        Assert.True(await Bed.ImapAsync(await Bed.SecretAsync(Key("leaked"))));
    }

    [Fact]
    public async Task Suspend_WithOpenSession_EndsIt()
    {
        // Mutant: a suspension refuses only new logins.
        await CreateBackendAsync($"http://127.0.0.1:{Bed.Dovecot.DoveadmPort}/doveadm/v1");
        DeviceSecret secret = await IssueAsync("suspended", $"{_backend}@example.com");
        using ImapClient session = await OpenAsync(secret);

        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("suspended"), "{spec: {suspended: true}}");
        await Eventually.TrueAsync("the session has ended", async () => !await IsAliveAsync(session));

        await Eventually.TrueAsync("nothing is pending", async () =>
            Status.Condition(
                (await Cluster.FindAsync(ApiGroup.MailDevices, Key("suspended")))!, "RevocationPending") is null);
        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("suspended"), "{spec: {suspended: false}}");
        await Eventually.TrueAsync("the password works again", () => Bed.ImapAsync(secret));
    }

    [Fact]
    public async Task Delete_OneOfTwoServersCannotBeTold_WaitsAndTellsTheOther()
    {
        // Mutants: stop at the first failure; count a server that cannot be reached as notified.
        string reached = $"http://127.0.0.1:{Bed.Dovecot.DoveadmPort}/doveadm/v1";
        await CreateBackendAsync("http://127.0.0.1:9/doveadm/v1", reached);
        DeviceSecret secret = await IssueAsync("stuck", $"{_backend}@example.com");
        using ImapClient session = await OpenAsync(secret);

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("stuck"));
        JsonObject waiting = await Bed.WaitForDeviceAsync(
            Key("stuck"), "RevocationPending", "True", Reasons.RevocationBlocked);
        Assert.Contains("http://127.0.0.1:9/", (string)Status.Condition(waiting, "RevocationPending")!["message"]!);
        Assert.False(await Bed.ImapAsync(secret));
        Assert.False(await IsAliveAsync(session));

        await Cluster.MergeAsync(
            ApiGroup.MailBackends, new ObjectKey("", _backend), $"{{spec: {{{Doveadm(reached)}}}}}");
        await GoneAsync("stuck");
        Assert.DoesNotContain(Bed.PasswdLines(), line => line.Contains(_backend, StringComparison.Ordinal));
    }

    private async Task CreateBackendAsync(params string[] urls)
    {
        // With its newline, as kubectl reads it.
        string key = await File.ReadAllTextAsync(Bed.Dovecot.DoveadmKeyFile, TestContext.Current.CancellationToken);
        await Cluster.CreateAsync(ResourceType.Secrets, ShippedRights.Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = _backend },
            ["data"] = new JsonObject { ["api-key"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(key)) },
        });
        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "",
            TestBed.BackendYaml(_backend, $"{{path: {Bed.Dovecot.PasswdFile}}}", Bed.Dovecot) + $"\n  {Doveadm(urls)}");
    }

    private string Doveadm(params string[] urls) =>
        "dovecot: {doveadm: ["
        + $"{string.Join(", ", urls.Select(url => $"{{url: \"{url}\", credentialsSecret: {{name: {_backend}}}}}"))}]}}";

    private async Task<DeviceSecret> IssueAsync(string name, string mailbox, string more = "displayName: Told")
    {
        await Cluster.CreateDeviceAsync(
            Namespace, name, $"{{mailbox: {mailbox}, backendRef: {{name: {_backend}}}, {more}}}");
        await Bed.WaitForDeviceAsync(Key(name), "Ready", "True");
        return await Bed.SecretAsync(Key(name));
    }

    private Task<TimeSpan> GoneAsync(string name) => Eventually.TrueAsync($"{name} is gone", async () =>
        await Cluster.FindAsync(ApiGroup.MailDevices, Key(name)) is null);

    private async Task<ImapClient> OpenAsync(DeviceSecret secret)
    {
        var client = new ImapClient();
        await client.ConnectAsync(
            "127.0.0.1", Bed.Dovecot.ImapPort, SecureSocketOptions.None, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync("the password works", () => Bed.ImapAsync(secret));
        await client.AuthenticateAsync(secret["username"], secret["password"], TestContext.Current.CancellationToken);
        return client;
    }

    private static async Task<bool> IsAliveAsync(ImapClient client)
    {
        try
        {
            await client.NoOpAsync(TestContext.Current.CancellationToken);
            return true;
        }
        catch (Exception e) when (e is ImapProtocolException or IOException or MailKit.ServiceNotConnectedException)
        {
            return false;
        }
    }
}
