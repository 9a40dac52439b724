using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// The whole product on real servers: an API server with the CRDs and roles, a Dovecot, and the operator. Started by
/// the first test that needs it, shared by all.
/// </summary>
internal sealed class TestBed : IAsyncDisposable
{
    public const string Backend = "dovecot";

    /// <summary>The address of the portal, which the first test that needs it starts.</summary>
    public static string PortalUrl { get; } = $"http://127.0.0.1:{FreePort.Find()}";

    /// <summary>Shorter than the default of two minutes, but ten times as long as a reconcile takes here.</summary>
    public static readonly TimeSpan UncommittedSlotGrace = TimeSpan.FromSeconds(3);

    private static TestBed? _started;

    /// <summary>The recipient of the operator's mail.</summary>
    public const string InvitedMailbox = "invited@example.com";

    /// <summary>The MailDevice in the operator's own namespace for its login at the relay.</summary>
    public static readonly ObjectKey RelayDevice = new(ShippedRights.Namespace, "relay");

    private readonly string _folder;
    private readonly Dictionary<string, MailSystem> _mailSystems = [];

    private TestBed(
        string folder,
        Cluster cluster,
        DovecotServer dovecot,
        OperatorProcess @operator,
        PasswordLedger ledger,
        PostfixServer? relay)
    {
        _folder = folder;
        Relay = relay;
        Cluster = cluster;
        Dovecot = dovecot;
        Operator = @operator;
        Ledger = ledger;
    }

    public Cluster Cluster { get; }

    public DovecotServer Dovecot { get; }

    public OperatorProcess Operator { get; }

    public PasswordLedger Ledger { get; }

    /// <summary>The relay of the operator; null if this process may not run a Postfix.</summary>
    public PostfixServer? Relay { get; }

    public static async ValueTask<TestBed> GetAsync()
    {
        TestBed bed = _started ??= await StartAsync();
        bed.Operator.AssertIsRunning();
        return bed;
    }

    public static async ValueTask StopIfStartedAsync()
    {
        if (_started is { } started)
        {
            await started.DisposeAsync();
        }
    }

    /// <summary>
    /// Waits until a device's condition has this status, and returns the device. Also waits for the text of the
    /// message, because the condition may first report, with the same reason, that a new MailBackend does not exist
    /// yet.
    /// </summary>
    public Task<JsonObject> WaitForDeviceAsync(
        ObjectKey key,
        string type,
        string status,
        string? reason = null,
        TimeSpan? limit = null,
        IReadOnlyList<string>? says = null) =>
        Eventually.GetAsync($"MailDevice {key} has {type}={status} {reason} {string.Join(", ", says ?? [])}", limit
            ?? Eventually.Patience, async () =>
            await Cluster.FindAsync(ApiGroup.MailDevices, key) is { } device
            && Status.Condition(device, type) is { } condition
            && (string)condition["status"]! == status
            && (reason is null || (string)condition["reason"]! == reason)
            && (says ?? []).All(part => ((string)condition["message"]!).Contains(part, StringComparison.Ordinal))
            && (long?)device["status"]!["observedGeneration"] == (long)device["metadata"]!["generation"]!
                ? device
                : null);

    public async Task<DeviceSecret> SecretAsync(ObjectKey key) =>
        new(await Cluster.FindAsync(ResourceType.Secrets, key)
            ?? throw new InvalidOperationException($"There is no Secret {key}."));

    public Task<bool> ImapAsync(DeviceSecret secret, string from = "127.0.0.1") =>
        MailLogin.ImapAsync(Dovecot.ImapPort, secret["username"], secret["password"], from);

    /// <summary>
    /// Dovecot of this version with a Postfix, started by the first test that needs it. All of them use the passwd-file
    /// of the shared backend.
    /// </summary>
    public async Task<MailSystem> MailSystemAsync(string version)
    {
        if (!_mailSystems.TryGetValue(version, out MailSystem? system))
        {
            Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root may run a Postfix.");
            string folder = Path.Combine(_folder, version);
            system = version == "2.3"
                ? await MailSystem.BesideAsync(Dovecot, folder)
                : await MailSystem.StartAsync(version, Dovecot.PasswdFile, folder);
            _mailSystems.Add(version, system);
        }

        return system;
    }

    /// <summary>
    /// Dovecot of this version with a Postfix, on a database or (<c>ldap</c>) a directory. The first test that needs it
    /// starts it.
    /// </summary>
    public async Task<MailSystem> MailSystemAsync(string version, string engine)
    {
        string name = $"{version}-{engine}";
        if (!_mailSystems.TryGetValue(name, out MailSystem? system))
        {
            Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root may run a Postfix.");
            string address = engine == "ldap"
                ? (await DirectoryServer.GetAsync()).Address
                : (await DatabaseServer.GetAsync(engine)).Address;
            _mailSystems.Add(
                name, system = await MailSystem.StartAsync(version, null, Path.Combine(_folder, name), address));
        }

        return system;
    }

    /// <summary>Changes a MailBackend by a merge patch and waits until the operator has applied it.</summary>
    public async Task ChangeBackendAsync(string name, string patch)
    {
        var key = new ObjectKey("", name);
        await Cluster.MergeAsync(ApiGroup.MailBackends, key, patch);
        await Eventually.TrueAsync($"the operator knows MailBackend {name}", async () =>
            (await Cluster.FindAsync(ApiGroup.MailBackends, key))! is var backend
            && (long?)backend["status"]?["observedGeneration"] == (long)backend["metadata"]!["generation"]!);
    }

    /// <summary>Sets the default work factor at the shared backend.</summary>
    public Task HashAtDefaultCostAsync() => ChangeBackendAsync(Backend, "{spec: {hashing: null}}");

    /// <summary>Kills the operator and starts another.</summary>
    public async Task KillAndRestartAsync()
    {
        await Operator.KillAsync();
        await RestartKilledAsync();
    }

    /// <summary>Starts another operator and deletes the lease, so that it need not wait for it to expire.</summary>
    public async Task RestartKilledAsync()
    {
        await Cluster.DeleteAsync(ResourceType.Leases, new ObjectKey(ShippedRights.Namespace, "mail-operator"));
        await Operator.StartAsync();
    }

    /// <summary>The lines of the passwd-file; none if it does not exist.</summary>
    public string[] PasswdLines() => File.Exists(Dovecot.PasswdFile) ? File.ReadAllLines(Dovecot.PasswdFile) : [];

    public string[] PasswdLines(JsonObject device) =>
        [.. PasswdLines().Where(line => line.Contains((string)device["metadata"]!["uid"]!, StringComparison.Ordinal))];

    public async ValueTask DisposeAsync()
    {
        await Operator.DisposeAsync();
        await Ledger.DisposeAsync();
        foreach (MailSystem system in _mailSystems.Values)
        {
            await system.DisposeAsync();
        }

        if (Relay is not null)
        {
            await Relay.DisposeAsync();
        }

        await Dovecot.DisposeAsync();
        Cluster.Dispose();
    }

    private static async Task<TestBed> StartAsync()
    {
        await Shell.RunAsync(Repository.Path("tests", "control-plane", "install-crds.sh"));
        string folder = Directory.CreateTempSubdirectory("mail-operator-").FullName;
        var cluster = Cluster.FromEnvironment();
        DovecotServer dovecot = await DovecotServer.StartAsync(Path.Combine(folder, "dovecot"));
        string kubeconfig = await ShippedRights.KubeconfigAsync(cluster, folder);
        var ledger = new PasswordLedger(cluster.Api);
        ledger.Start();
        // Only root may run a Postfix.
        using var authority = new TestAuthority("mail relays");
        PostfixServer? relay = Environment.IsPrivilegedProcess
            ? await PostfixServer.StartRelayAsync(Path.Combine(folder, "relay"), dovecot, InvitedMailbox, authority)
            : null;
        var process = new OperatorProcess(kubeconfig, folder, new Dictionary<string, string>
        {
            ["MAIL_OPERATOR_Smtp__Host"] = relay is null ? "" : "127.0.0.1",
            ["MAIL_OPERATOR_Smtp__Port"] = (relay?.Port ?? 587).ToString(),
            ["MAIL_OPERATOR_Smtp__From"] = "no-reply@example.com",
            ["MAIL_OPERATOR_Smtp__FromName"] = "Example Ltd",
            ["MAIL_OPERATOR_Smtp__CredentialsSecret"] = RelayDevice.Name,
            ["MAIL_OPERATOR_Smtp__CaBundle"] = Convert.ToBase64String(
                System.Text.Encoding.ASCII.GetBytes(authority.Pem)),
            ["MAIL_OPERATOR_Namespace"] = ShippedRights.Namespace,
            ["MAIL_OPERATOR_InvitationUrl"] = PortalUrl,
            ["MAIL_OPERATOR_UncommittedSlotGrace"] = UncommittedSlotGrace.ToString(),
        });
        await process.StartAsync();
        await cluster.CreateAsync(
            ApiGroup.MailBackends, "",
            BackendYaml(Backend, $"{{path: {dovecot.PasswdFile}}}", dovecot, isDefault: true));
        return new TestBed(folder, cluster, dovecot, process, ledger, relay);
    }

    private static string Text(bool value) => value ? "true" : "false";

    /// <summary>
    /// A backend that every namespace may use for every mailbox of example.com, for some with a chosen password. Uses
    /// the lowest work factor, because only tests that measure need real hashes.
    /// </summary>
    public static string BackendYaml(string name, string passwdFile, DovecotServer dovecot, bool isDefault = false) =>
        $$$"""
        metadata: {name: {{{name}}}, annotations: {mailoperator.io/is-default-backend: "{{{Text(isDefault)}}}"}}
        spec:
          passwdFile: {{{passwdFile}}}
          client:
            imap: {host: 127.0.0.1, port: {{{dovecot.ImapPort}}}, security: None}
            pop3: {host: 127.0.0.1, port: {{{dovecot.Pop3Port}}}, security: None}
            smtp: {host: 127.0.0.1, port: {{{dovecot.SubmissionPort}}}, security: None}
          hashing: {workFactor: 4}
          grants:
          - mailboxes: ["*@example.com"]
          - {mailboxes: ["chosen-*@example.com", scanner@example.com], chosenPasswords: Allowed}
          - {mailboxes: ["kept*@example.com", spared@example.com], retention: Allowed}
        """;
}

/// <summary>Disposes the test beds at the end of the run.</summary>
public sealed class TestBedLifetime : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Portal.PortalBed.StopIfStartedAsync();
        await Chart.Image.BuiltImage.RemoveIfBuiltAsync();
        await TestBed.StopIfStartedAsync();
    }
}
