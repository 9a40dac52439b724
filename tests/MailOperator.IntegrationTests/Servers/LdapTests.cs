using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.Servers;

/// <summary>
/// Passwords in OpenLDAP, with Dovecot 2.3 and 2.4 and the configuration that we ship for them. Both have an auth cache of
/// an hour, which must not keep anything alive.
/// </summary>
public sealed class LdapTests : OperatorTest
{
    private const string Choice = "chose*)(n \"with\" all that\\must be 'escaped";
    private const string NextChoice = "another choice (of the same person)";

    private static readonly string[] Everything = [MailSystem.Imap, MailSystem.Pop3, MailSystem.DovecotSubmission, MailSystem.Postfix];
    private static readonly string[] Reading = [MailSystem.Imap, MailSystem.Pop3];
    private static readonly string[] Sending = [MailSystem.DovecotSubmission, MailSystem.Postfix];

    // Six characters that a filter escapes, that end in half of an escape or of a letter, and that are less than six.
    private static readonly string[] Awkward =
        ["*", "**", "\\", "k", "******", "((((((((", "))))))", "\\\\\\\\\\\\", "abcde*xyz", "abcd*xyz", "abc*xyz", "abcde\\xyz", "abcde(xyz", "abcd)xyz", "abcde\u20acxyz", "abcd\u00e9", "%s%u%w"];

    private readonly string _backend = $"ldap-{Guid.NewGuid().ToString("N")[..8]}";
    private DirectoryServer _directory = null!;
    private MailSystem[] _mail = null!;

    [Fact]
    public async Task Restrictions_OfDevices_AreEnforcedByOneSearch()
    {
        // Mutants: a condition less in one of the shipped filters; an attribute that holds another's value.
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

        string dn = $"mailOperatorSelector={plain["password"][..6]},mailOperatorMailbox={_backend}@example.com,{DirectoryServer.BaseDn}";
        Assert.Equal(0, await _directory.BindAsync(dn, plain["password"]));
        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("plain"), "{spec: {suspended: true}}");
        await Bed.WaitForDeviceAsync(Key("plain"), "Ready", "False", Reasons.Suspended);
        await AcceptedAsync(plain, []);
        Assert.Equal(49, await _directory.BindAsync(dn, plain["password"])); // what only binds is refused too
        await Cluster.MergeAsync(ApiGroup.MailDevices, Key("plain"), "{spec: {suspended: false}}");
        await ReadyAsync("plain");
        await AcceptedAsync(plain, Everything);
        foreach (MailSystem system in _mail)
        {
            Assert.Contains($"device=<{Namespace}/plain>", await File.ReadAllTextAsync(system.Dovecot.Log, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Ends_WhileNoOperatorRuns_AreKeptByTheDirectory()
    {
        // Mutants: capability Expiry promises what the entries do not hold; an entry has an end and no policy, or the other way round.
        await StartAsync();
        await CreateAsync("turning", "rotation: {overlap: 8s}");
        DeviceSecret old = await ReadyAsync("turning");
        await CreateAsync("intern", "expiry: {after: 12s}");
        DeviceSecret intern = await ReadyAsync("intern");
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("turning"), Annotations.Rotate, "now");
        await Bed.WaitForDeviceAsync(Key("turning"), "Ready", "True", Reasons.Retiring);
        DeviceSecret next = await Bed.SecretAsync(Key("turning"));

        await Bed.Operator.KillAsync();
        try
        {
            Assert.All(await Task.WhenAll(new[] { old, next, intern }.Select(ImapAsync)), Assert.True);
            await Eventually.TrueAsync("the old password and the intern's are refused", TimeSpan.FromSeconds(15), async () =>
                !await ImapAsync(old) && !await ImapAsync(intern));
            await AcceptedAsync(old, []);
            await AcceptedAsync(intern, []);
            await AcceptedAsync(next, Everything);
            Assert.Equal(3, await EntriesAsync());
        }
        finally
        {
            await Bed.RestartKilledAsync();
        }

        await Bed.WaitForDeviceAsync(Key("intern"), "Expired", "True");
        await Bed.WaitForDeviceAsync(Key("turning"), "Ready", "True", Reasons.Issued);
        await Eventually.TrueAsync("one entry is left", TimeSpan.FromSeconds(5), async () => await EntriesAsync() == 1);
    }

    [Fact]
    public async Task RotateAndRevokeThenDelete_EndsAtOnceAndLeavesNoEntry()
    {
        // Mutant: what has been let in once stays in the auth cache.
        await StartAsync();
        await CreateAsync("leaked");
        DeviceSecret leaked = await ReadyAsync("leaked");
        await AcceptedAsync(leaked, Everything);

        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("leaked"), Annotations.RotateAndRevoke, "leak");
        DeviceSecret next = await Eventually.GetAsync("another password", TimeSpan.FromSeconds(10), async () =>
            await Bed.SecretAsync(Key("leaked")) is { } now && now["password"] != leaked["password"] ? now : null);
        await Bed.WaitForDeviceAsync(Key("leaked"), "Ready", "True", Reasons.Issued);
        await Eventually.TrueAsync("one entry is left", TimeSpan.FromSeconds(5), async () => await EntriesAsync() == 1);
        await AcceptedAsync(leaked, []);
        await AcceptedAsync(next, Everything);

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("leaked"));
        await GoneAsync("leaked");
        Assert.Empty((await _directory.SearchAsync($"(mailOperatorMailbox={_backend}@example.com)")).Trim());
        await AcceptedAsync(next, []);
    }

    [Fact]
    public async Task Chosen_BesideGenerated_LogsInRotatesAndIsRevoked()
    {
        await StartAsync();
        await CreateChosenAsync("elsewhere", "chosen for another network", ", allowedNetworks: [10.0.0.0/8]"); // tried first, and not held against the next
        await ReadyAsync("elsewhere");
        await CreateChosenAsync("typed", Choice, ", rotation: {overlap: 5s}");
        DeviceSecret typed = await ReadyAsync("typed");
        await CreateAsync("made", mailbox: ChosenMailbox);
        await AcceptedAsync(typed, Everything);
        await AcceptedAsync(await ReadyAsync("made"), Everything);
        await AcceptedAsync(await Bed.SecretAsync(Key("elsewhere")), []);

        await Cluster.MergeAsync(ResourceType.Secrets, Key("typed-source"), new JsonObject { ["stringData"] = new JsonObject { ["mail"] = NextChoice } }.ToJsonString());
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("typed"), Annotations.ReconcileRequestedAt, "now");
        await Eventually.TrueAsync("the new choice works", TimeSpan.FromSeconds(10), () => ImapAsync(ChosenMailbox, NextChoice));
        await Eventually.TrueAsync("the old one has ended", TimeSpan.FromSeconds(15), async () => !await ImapAsync(typed));

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("typed"));
        await GoneAsync("typed");
        Assert.False(await ImapAsync(ChosenMailbox, NextChoice));
    }

    [Fact]
    public async Task Login_WithAnyCharacters_IsRefusedAndDovecotHasNoComplaint()
    {
        // Mutants: six characters of an escaped password, whose last is half of an escape, end the filter; a star finds any entry.
        await StartAsync();
        await CreateAsync("plain");
        DeviceSecret plain = await ReadyAsync("plain");

        foreach (MailSystem system in _mail)
        {
            int before = (await File.ReadAllLinesAsync(system.Dovecot.Log, TestContext.Current.CancellationToken)).Length;

            bool[] letIn = await Task.WhenAll(
            [
                .. Awkward.Select(password => MailLogin.ImapAsync(system.Dovecot.ImapPort, plain["username"], password)),
                .. new[] { "*", "ldap-*@example.com", $"{plain["username"]})(objectClass=*", "\\2a" }.Select(username => MailLogin.ImapAsync(system.Dovecot.ImapPort, username, plain["password"])),
            ]);

            Assert.DoesNotContain(true, letIn);
            string[] log = await File.ReadAllLinesAsync(system.Dovecot.Log, TestContext.Current.CancellationToken);
            Assert.DoesNotContain(log.Skip(before), static line => line.Contains("Error:", StringComparison.Ordinal));
        }
    }

    private string ChosenMailbox => $"chosen-{_backend}@example.com";

    /// <summary>Servers, and a MailBackend with its Secret as the documentation has them.</summary>
    private async Task StartAsync()
    {
        _directory = await DirectoryServer.GetAsync();
        _mail = [await Bed.MailSystemAsync("2.3", "ldap"), await Bed.MailSystemAsync("2.4", "ldap")];
        await LdapBackends.CreateSecretAsync(Cluster, _backend, _directory.OperatorPassword);
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", LdapBackends.Yaml(_backend, _directory, _mail[0].Dovecot));
    }

    private Task<JsonObject> CreateAsync(string name, string more = "displayName: In a directory", string? mailbox = null) =>
        Cluster.CreateDeviceAsync(Namespace, name, $"{{mailbox: {mailbox ?? $"{_backend}@example.com"}, backendRef: {{name: {_backend}}}, {more}}}");

    private async Task CreateChosenAsync(string name, string password, string more)
    {
        await Cluster.CreateAsync(ResourceType.Secrets, Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = $"{name}-source" },
            ["stringData"] = new JsonObject { ["mail"] = password },
        });
        await CreateAsync(name, $"password: {{valueFrom: {{secretKeyRef: {{name: {name}-source, key: mail}}}}}}{more}", ChosenMailbox);
    }

    private async Task<DeviceSecret> ReadyAsync(string name)
    {
        await Bed.WaitForDeviceAsync(Key(name), "Ready", "True");
        return await Bed.SecretAsync(Key(name));
    }

    private Task<TimeSpan> GoneAsync(string name) => Eventually.TrueAsync($"{name} is gone", TimeSpan.FromSeconds(10), async () =>
        await Cluster.FindAsync(ApiGroup.MailDevices, Key(name)) is null);

    /// <summary>Each of the mail systems lets it in by these services and no other.</summary>
    private async Task AcceptedAsync(DeviceSecret secret, string[] services, string from = "127.0.0.1")
    {
        foreach (IReadOnlyList<string> accepted in await Task.WhenAll(_mail.Select(system => system.AcceptedAsync(secret, from))))
        {
            Assert.Equal(services, accepted);
        }
    }

    private Task<bool> ImapAsync(DeviceSecret secret) => ImapAsync(secret["username"], secret["password"]);

    /// <summary>Whether any of them lets it in.</summary>
    private async Task<bool> ImapAsync(string username, string password)
    {
        bool[] accepted = await Task.WhenAll(_mail.Select(system => MailLogin.ImapAsync(system.Dovecot.ImapPort, username, password)));
        return accepted.Any(static one => one);
    }

    private async Task<int> EntriesAsync() => (await _directory.SearchAsync("(objectClass=mailOperatorSlot)", "mailOperatorDevice"))
        .Split('\n').Count(line => line.StartsWith($"mailOperatorDevice: {Namespace}/", StringComparison.Ordinal));
}
