using MailOperator.Api;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>A real OpenLDAP with the shipped schema, entries and rules.</summary>
internal sealed class DirectoryServer : ILookupServer
{
    public const string OperatorDn = "cn=mail-operator,dc=example,dc=com";
    public const string BaseDn = "ou=app-passwords,dc=example,dc=com";
    public const string PolicyDn = "cn=app-password-policy,dc=example,dc=com";

    private static Task<DirectoryServer>? _shared;

    private readonly Dictionary<string, string> _settings;

    private DirectoryServer(string folder, Dictionary<string, string> settings)
    {
        Folder = folder;
        _settings = settings;
    }

    public string Kind => "directory";

    public string Folder { get; }

    /// <summary>Its name for <c>dovecot.sh</c>.</summary>
    public string Address => $"ldap:{Folder}";

    public int Port => int.Parse(_settings["PORT"]);

    public int LdapsPort => int.Parse(_settings["LDAPS_PORT"]);

    public string OperatorPassword => _settings["OPERATOR_PASSWORD"];

    public string DovecotPassword => _settings["DOVECOT_PASSWORD"];

    public byte[] CaBundle => File.ReadAllBytes(Path.Combine(Folder, "ca.crt"));

    /// <summary>With StartTLS, and a policy by which the server enforces expiry.</summary>
    public LdapSpec Spec => new()
    {
        Url = $"ldap://localhost:{Port}",
        BaseDN = BaseDn,
        BindSecret = new ObjectReference { Name = "directory" },
        PasswordPolicy = PolicyDn,
        CaBundle = CaBundle,
    };

    /// <summary>The shared server. The first test that needs it starts it; it ends with this process.</summary>
    public static Task<DirectoryServer> GetAsync() => _shared ??= StartAsync();

    /// <summary>Another server, for a test that changes it.</summary>
    /// <param name="schema"><c>none</c> for a server that is not set up.</param>
    public static async Task<DirectoryServer> StartAsync(string schema = "shipped")
    {
        string folder = Path.Combine(Directory.CreateTempSubdirectory("mo-ldap-").FullName, "slapd");
        (int exitCode, _, string errors) = await Shell.TryAsync(
            Repository.Path("tests", "servers", "ldap.sh"), ["start", folder],
            environment: new Dictionary<string, string>
            {
                ["LDAP_OWNER"] = Environment.ProcessId.ToString(),
                ["LDAP_SCHEMA"] = schema,
            });
        Assert.True(exitCode == 0, errors);
        return new DirectoryServer(folder, (await File.ReadAllLinesAsync(Path.Combine(folder, "ldap.env")))
            .Select(static line => line.Split('=')).ToDictionary(static pair => pair[0], static pair => pair[1]));
    }

    /// <summary>Restarts it with its data.</summary>
    public async Task RestartAsync()
    {
        (int exitCode, _, string errors) = await Shell.TryAsync(
            Repository.Path("tests", "servers", "ldap.sh"), ["restart", Folder],
            environment: new Dictionary<string, string> { ["LDAP_OWNER"] = Environment.ProcessId.ToString() });
        Assert.True(exitCode == 0, errors);
    }

    /// <summary>Changes entries as the administrator, of the data and of <c>cn=config</c>.</summary>
    public async Task ModifyAsync(string ldif)
    {
        (int exitCode, _, string errors) = await Shell.TryAsync(
            "ldapmodify", ["-Q", "-Y", "EXTERNAL", "-H", Socket], ldif + "\n");
        Assert.True(exitCode == 0, errors);
    }

    /// <summary>The lines that a search by the administrator finds.</summary>
    public Task<string> SearchAsync(string filter, params string[] attributes) =>
        Shell.RunAsync(
            "ldapsearch",
            ["-Q", "-LLL", "-o", "ldif-wrap=no", "-Y", "EXTERNAL", "-H", Socket, "-b", BaseDn, filter, .. attributes]);

    /// <summary>The result of a bind as an entry: 0 accepts it, 49 refuses it.</summary>
    public async Task<int> BindAsync(string dn, string password)
    {
        string file = Path.Combine(Folder, $"{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(file, password);
        (int exitCode, _, _) = await Shell.TryAsync("ldapwhoami", ["-x", "-H", Socket, "-D", dn, "-y", file]);
        return exitCode;
    }

    public string BackendYaml(string name, DovecotServer dovecot) => LdapBackends.Yaml(name, this, dovecot);

    public Task CreateSecretAsync(Cluster cluster, string name, string password) =>
        LdapBackends.CreateSecretAsync(cluster, name, password);

    public async Task ChangeOperatorPasswordAsync(string password)
    {
        await ModifyAsync(
            $"""
            dn: {OperatorDn}
            changetype: modify
            replace: userPassword
            userPassword: {password}
            """);
        await RestartAsync(); // open connections keep working with the old password
    }

    public Task FreezeAsync() => Frozen.FreezeAsync(ProcessId);

    public Task ThawAsync() => Frozen.ThawAsync(ProcessId);

    public Task SetReadOnlyAsync(bool isReadOnly) => ModifyAsync(
        $"""
        dn: olcDatabase={"{1}"}mdb,cn=config
        changetype: modify
        replace: olcReadOnly
        olcReadOnly: {(isReadOnly ? "TRUE" : "FALSE")}
        """);

    public async Task<int> SlotsAsync(string @namespace) =>
        (await SearchAsync("(objectClass=mailOperatorSlot)", "mailOperatorDevice"))
            .Split('\n').Count(line => line.StartsWith($"mailOperatorDevice: {@namespace}/", StringComparison.Ordinal));

    public Task StopAsync() => Shell.RunAsync(Repository.Path("tests", "servers", "ldap.sh"), "stop", Folder);

    private int ProcessId => int.Parse(File.ReadAllText(Path.Combine(Folder, "pid")));

    private string Socket => $"ldapi://{Path.Combine(Folder, "ldapi").Replace("/", "%2F", StringComparison.Ordinal)}";
}
