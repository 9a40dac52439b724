using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.Servers;

/// <summary>
/// Passwords in a server that Dovecot 2.3 and 2.4 query at each login, with the configuration that we ship. Both have
/// an auth cache of an hour, which must not keep a revoked password alive.
/// </summary>
public abstract class LookupServerTests : OperatorTest
{
    private static readonly string[] Everything =
        [MailSystem.Imap, MailSystem.Pop3, MailSystem.DovecotSubmission, MailSystem.Postfix];
    private static readonly string[] Reading = [MailSystem.Imap, MailSystem.Pop3];
    private static readonly string[] Sending = [MailSystem.DovecotSubmission, MailSystem.Postfix];

    private readonly string _backend = $"lookup-{Guid.NewGuid().ToString("N")[..8]}";
    private ILookupServer _server = null!;
    private MailSystem[] _mail = null!;

    [Fact]
    public async Task Restrictions_OfDevices_AreEnforcedByOneQuestion()
    {
        // Mutants: a shipped query or filter lacks a condition; a column or an attribute holds the value of another.
        await StartAsync();
        await Cluster.CreateAsync(ApiGroup.MailUsers, Namespace, "{metadata: {name: guest}, spec: {sending: Denied}}");
        await CreateAsync("plain");
        await CreateAsync("reader", "protocols: [IMAP]");
        await CreateAsync("fetcher", "protocols: [POP3]");
        await CreateAsync("sender", "protocols: [SMTP]");
        await CreateAsync("office", "allowedNetworks: [127.0.0.5/32, '2001:db8::/32']");
        await CreateAsync("guest", "userRef: {name: guest}");
        DeviceSecret plain = await ReadyAsync("plain");

        await AcceptedAsync(plain, Everything);
        await AcceptedAsync(await ReadyAsync("reader"), [MailSystem.Imap]);
        await AcceptedAsync(await ReadyAsync("fetcher"), [MailSystem.Pop3]);
        await AcceptedAsync(await ReadyAsync("sender"), Sending);
        await AcceptedAsync(await ReadyAsync("office"), Everything, from: "127.0.0.5");
        await AcceptedAsync(await ReadyAsync("office"), [], from: "127.0.0.6");
        await AcceptedAsync(await ReadyAsync("guest"), Reading);

        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("plain"), "{spec: {suspended: true}}");
        await Bed.WaitForDeviceAsync(Key("plain"), "Ready", "False", Reasons.Suspended);
        await AcceptedAsync(plain, []);
        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("plain"), "{spec: {suspended: false}}");
        await ReadyAsync("plain");
        await AcceptedAsync(plain, Everything);
        foreach (MailSystem system in _mail)
        {
            Assert.Contains(
                $"device=<{Namespace}/plain>",
                await File.ReadAllTextAsync(system.Dovecot.Log, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Ends_WhileNoOperatorRuns_AreKeptByTheServer()
    {
        // Mutants: the server does not enforce the capability Expiry; a query ignores the time, or uses another zone;
        // an entry has an end but no policy.
        await StartAsync();
        await CreateAsync("turning", "rotation: {overlap: 20s}");
        DeviceSecret old = await ReadyAsync("turning");
        await CreateAsync("intern", "expiry: {after: 25s}");
        DeviceSecret intern = await ReadyAsync("intern");
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("turning"), Annotations.Rotate, "now");
        await Bed.WaitForDeviceAsync(Key("turning"), "Ready", "True", Reasons.Retiring);
        DeviceSecret next = await Bed.SecretAsync(Key("turning"));

        await Bed.Operator.KillAsync();
        try
        {
            Assert.All(await Task.WhenAll(new[] { old, next, intern }.Select(ImapAsync)), Assert.True);
            await Eventually.TrueAsync("the old password and the intern's are refused", async () =>
                !await ImapAsync(old) && !await ImapAsync(intern));
            await AcceptedAsync(old, []);
            await AcceptedAsync(intern, []);
            await AcceptedAsync(next, Everything);
            Assert.Equal(3, await _server.SlotsAsync(Namespace));
        }
        finally
        {
            await Bed.RestartKilledAsync();
        }

        await Bed.WaitForDeviceAsync(Key("intern"), "Expired", "True");
        await Bed.WaitForDeviceAsync(Key("turning"), "Ready", "True", Reasons.Issued);
        await OnePasswordIsLeftAsync();
    }

    [Fact]
    public async Task RotateAndRevokeThenDelete_EndsAtOnceAndLeavesNothing()
    {
        // Mutant: an accepted login stays in the auth cache.
        await StartAsync();
        await CreateAsync("leaked");
        DeviceSecret leaked = await ReadyAsync("leaked");
        await AcceptedAsync(leaked, Everything);

        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("leaked"), Annotations.RotateAndRevoke, "leak");
        DeviceSecret next = await Eventually.GetAsync("another password", async () =>
            await Bed.SecretAsync(Key("leaked")) is { } now && now["password"] != leaked["password"] ? now : null);
        await Bed.WaitForDeviceAsync(Key("leaked"), "Ready", "True", Reasons.Issued);
        await OnePasswordIsLeftAsync();
        await AcceptedAsync(leaked, []);
        await AcceptedAsync(next, Everything);

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("leaked"));
        await GoneAsync("leaked");
        Assert.Equal(0, await _server.SlotsAsync(Namespace));
        await AcceptedAsync(next, []);
    }

    [Fact]
    public async Task Chosen_BesideGenerated_LogsInRotatesAndIsRevoked()
    {
        await StartAsync();
        // Checked first, without effect on the next.
        await CreateChosenAsync("elsewhere", "picked for another network", ", allowedNetworks: [10.0.0.0/8]");
        await ReadyAsync("elsewhere");
        await CreateChosenAsync("typed", Choice, ", rotation: {overlap: 5s}");
        DeviceSecret typed = await ReadyAsync("typed");
        await CreateAsync("made", mailbox: ChosenMailbox);
        await AcceptedAsync(typed, Everything);
        await AcceptedAsync(await ReadyAsync("made"), Everything);
        await AcceptedAsync(await Bed.SecretAsync(Key("elsewhere")), []);

        await Cluster.MergeAsync(
            ResourceType.Secrets, Key("typed-source"),
            new JsonObject { ["stringData"] = new JsonObject { ["mail"] = NextChoice } }.ToJsonString());
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("typed"), Annotations.ReconcileRequestedAt, "now");
        await Eventually.TrueAsync("the new choice works", () => ImapAsync(ChosenMailbox, NextChoice));
        await Eventually.TrueAsync("the old one has ended", async () => !await ImapAsync(typed));

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("typed"));
        await GoneAsync("typed");
        Assert.False(await ImapAsync(ChosenMailbox, NextChoice));
    }

    [Fact]
    public async Task Login_WithAnyCharacters_IsRefusedAndDovecotHasNoComplaint()
    {
        // Mutants: six characters of an escaped password that end in half of an escape sequence break the query or
        // filter; a star matches any entry.
        await StartAsync();
        await CreateAsync("plain");
        DeviceSecret plain = await ReadyAsync("plain");

        foreach (MailSystem system in _mail)
        {
            int before =
                (await File.ReadAllLinesAsync(system.Dovecot.Log, TestContext.Current.CancellationToken)).Length;

            bool[] letIn = await Task.WhenAll(
            [
                .. AwkwardPasswords.Select(
                    password => MailLogin.ImapAsync(system.Dovecot.ImapPort, plain["username"], password)),
                .. AwkwardNames(plain["username"]).Select(
                    username => MailLogin.ImapAsync(system.Dovecot.ImapPort, username, plain["password"])),
            ]);

            Assert.DoesNotContain(true, letIn);
            string[] log = await File.ReadAllLinesAsync(system.Dovecot.Log, TestContext.Current.CancellationToken);
            Assert.DoesNotContain(log.Skip(before), static line => line.Contains("Error:", StringComparison.Ordinal));
        }
    }

    protected abstract string Engine { get; }

    /// <summary>Chosen passwords with all special characters of the server's query language.</summary>
    protected abstract string Choice { get; }

    protected abstract string NextChoice { get; }

    /// <summary>Passwords whose first six characters are difficult in the server's query language.</summary>
    protected abstract IReadOnlyList<string> AwkwardPasswords { get; }

    protected abstract IReadOnlyList<string> AwkwardNames(string name);

    internal abstract Task<ILookupServer> ServerAsync();

    protected string Mailbox => $"{_backend}@example.com";

    private string ChosenMailbox => $"chosen-{_backend}@example.com";

    /// <summary>Servers, and a MailBackend with its Secret as documented.</summary>
    protected async Task StartAsync()
    {
        _server = await ServerAsync();
        _mail = [await Bed.MailSystemAsync("2.3", Engine), await Bed.MailSystemAsync("2.4", Engine)];
        await _server.CreateSecretAsync(Cluster, _backend, _server.OperatorPassword);
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", _server.BackendYaml(_backend, _mail[0].Dovecot));
    }

    protected Task<JsonObject> CreateAsync(
        string name, string more = "displayName: In a server", string? mailbox = null) =>
        Cluster.CreateDeviceAsync(
            Namespace, name, $"{{mailbox: {mailbox ?? Mailbox}, backendRef: {{name: {_backend}}}, {more}}}");

    private async Task CreateChosenAsync(string name, string password, string more)
    {
        await Cluster.CreateAsync(ResourceType.Secrets, Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = $"{name}-source" },
            ["stringData"] = new JsonObject { ["mail"] = password },
        });
        await CreateAsync(
            name, $"password: {{valueFrom: {{secretKeyRef: {{name: {name}-source, key: mail}}}}}}{more}",
            ChosenMailbox);
    }

    internal async Task<DeviceSecret> ReadyAsync(string name)
    {
        await Bed.WaitForDeviceAsync(Key(name), "Ready", "True");
        return await Bed.SecretAsync(Key(name));
    }

    private Task<TimeSpan> GoneAsync(string name) => Eventually.TrueAsync($"{name} is gone", async () =>
        await Cluster.FindAsync(ApiGroup.MailDevices, Key(name)) is null);

    /// <summary>Each of the mail systems accepts it for exactly these services.</summary>
    private async Task AcceptedAsync(DeviceSecret secret, string[] services, string from = "127.0.0.1")
    {
        foreach (IReadOnlyList<string> accepted in await Task.WhenAll(
            _mail.Select(system => system.AcceptedAsync(secret, from))))
        {
            Assert.Equal(services, accepted);
        }
    }

    private Task<bool> ImapAsync(DeviceSecret secret) => ImapAsync(secret["username"], secret["password"]);

    /// <summary>Whether any of them accepts it.</summary>
    private async Task<bool> ImapAsync(string username, string password)
    {
        bool[] accepted = await Task.WhenAll(
            _mail.Select(system => MailLogin.ImapAsync(system.Dovecot.ImapPort, username, password)));
        return accepted.Any(static one => one);
    }

    private Task<TimeSpan> OnePasswordIsLeftAsync() =>
        Eventually.TrueAsync("one password is left", async () => await _server.SlotsAsync(Namespace) == 1);
}
