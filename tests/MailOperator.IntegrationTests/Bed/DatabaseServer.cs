using MailOperator.Api;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>A real PostgreSQL or MariaDB with the shipped schema and its two roles.</summary>
internal sealed class DatabaseServer : ILookupServer, IAsyncDisposable
{
    private static readonly Dictionary<string, Task<DatabaseServer>> Shared = [];

    private readonly string _engine;
    private readonly Dictionary<string, string> _settings;

    private DatabaseServer(string engine, string folder, Dictionary<string, string> settings)
    {
        _engine = engine;
        Folder = folder;
        _settings = settings;
    }

    public string Kind => "database";

    public string Folder { get; }

    /// <summary>Its name for <c>dovecot.sh</c>.</summary>
    public string Address => $"{_engine}:{Folder}";

    public int Port => int.Parse(_settings["PORT"]);

    public string OperatorPassword => _settings["OPERATOR_PASSWORD"];

    public string DovecotPassword => _settings["DOVECOT_PASSWORD"];

    public int ProcessId => int.Parse(File.ReadAllText(Path.Combine(Folder, "pid")));

    public SqlSpec Spec => new()
    {
        Engine = _engine == "postgresql" ? SqlEngineKind.PostgreSQL : SqlEngineKind.MySQL,
        Host = "localhost",
        Port = Port,
        Database = "mail",
        CredentialsSecret = new ObjectReference { Name = "database" },
        CaBundle = File.ReadAllBytes(Path.Combine(Folder, "ca.crt")),
    };

    /// <summary>
    /// The shared server of this engine. The first test that needs it starts it; it ends with this process.
    /// </summary>
    /// <param name="engine"><c>postgresql</c> or <c>mariadb</c>.</param>
    public static Task<DatabaseServer> GetAsync(string engine)
    {
        if (!Shared.TryGetValue(engine, out Task<DatabaseServer>? server))
        {
            Shared.Add(engine, server = StartAsync(engine));
        }

        return server;
    }

    /// <param name="engine"><c>postgresql</c> or <c>mariadb</c>.</param>
    public static async Task<DatabaseServer> StartAsync(string engine)
    {
        string folder = Path.Combine(Directory.CreateTempSubdirectory("mo-db-").FullName, engine);
        await RunAsync("start", engine, folder);
        return new DatabaseServer(engine, folder, (await File.ReadAllLinesAsync(Path.Combine(folder, "database.env")))
            .Select(static line => line.Split('=')).ToDictionary(static pair => pair[0], static pair => pair[1]));
    }

    /// <summary>Restarts it with its data.</summary>
    public Task RestartAsync() => RunAsync("restart", _engine, Folder);

    /// <summary>Runs SQL as the administrator.</summary>
    public Task<string> AdminAsync(string sql) => Shell.RunAsync(AdminProgram, AdminArguments(sql));

    public string BackendYaml(string name, DovecotServer dovecot) => SqlBackends.Yaml(name, this, dovecot);

    public Task CreateSecretAsync(Cluster cluster, string name, string password) =>
        SqlBackends.CreateSecretAsync(cluster, name, password);

    public Task ChangeOperatorPasswordAsync(string password) => AdminAsync(_engine == "postgresql"
        ? $"ALTER ROLE mail_operator PASSWORD '{password}'; SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            + "WHERE usename = 'mail_operator'"
        : $"SET PASSWORD FOR mail_operator = PASSWORD('{password}'); KILL SOFT USER mail_operator");

    public Task FreezeAsync() => Frozen.FreezeAsync(ProcessId);

    public Task ThawAsync() => Frozen.ThawAsync(ProcessId);

    public async Task SetReadOnlyAsync(bool isReadOnly)
    {
        if (_engine == "postgresql")
        {
            await AdminAsync($"ALTER SYSTEM SET default_transaction_read_only = {(isReadOnly ? "on" : "off")}");
            await AdminAsync("SELECT pg_reload_conf()");
        }
        else
        {
            await AdminAsync($"SET GLOBAL read_only = {(isReadOnly ? "ON" : "OFF")}");
        }
    }

    /// <summary>Another session holds the table, until <see cref="UnlockAsync"/>.</summary>
    /// <returns>The session, which ends with an error.</returns>
    public async Task<Task> LockAsync()
    {
        Task session = Shell.TryAsync(AdminProgram, AdminArguments(_engine == "postgresql"
            ? $"BEGIN; LOCK TABLE mail_app_passwords IN ACCESS EXCLUSIVE MODE; {Holding}"
            : $"LOCK TABLES mail_app_passwords WRITE; {Holding}"));
        await Eventually.TrueAsync("the table is locked", async () => (await HoldersAsync()).Length > 0);
        return session;
    }

    public async Task UnlockAsync() => await AdminAsync(_engine == "postgresql"
        ? $"SELECT pg_terminate_backend({await HoldersAsync()})"
        : $"KILL {await HoldersAsync()}");

    public async Task<int> SlotsAsync(string @namespace) =>
        int.Parse(await AdminAsync($"SELECT COUNT(*) FROM mail_app_passwords WHERE device LIKE '{@namespace}/%'"));

    public async ValueTask DisposeAsync() =>
        await Shell.RunAsync(Repository.Path("tests", "servers", "database.sh"), "stop", _engine, Folder);

    private string Holding => _engine == "postgresql" ? "SELECT pg_sleep(120)" : "SELECT SLEEP(120)";

    private string AdminProgram => _engine == "postgresql" ? "psql" : "mariadb";

    private string[] AdminArguments(string sql) => _engine == "postgresql"
        ?
        [
            "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-h", Path.Combine(Folder, "admin"), "-p", $"{Port}", "-U",
            "postgres", "mail", "-c", sql,
        ]
        :
        [
            "--no-defaults", "-N", $"--socket={Path.Combine(Folder, "admin", "mariadb.sock")}", "-u", "root", "mail",
            "-e", sql,
        ];

    private async Task<string> HoldersAsync() => (await AdminAsync(_engine == "postgresql"
        ? "SELECT pid FROM pg_locks WHERE relation = 'mail_app_passwords'::regclass AND mode = 'AccessExclusiveLock' "
            + "AND granted"
        : $"SELECT ID FROM information_schema.PROCESSLIST WHERE INFO = '{Holding}'")).Trim();

    private static async Task RunAsync(string command, string engine, string folder)
    {
        (int exitCode, _, string errors) = await Shell.TryAsync(
            Repository.Path("tests", "servers", "database.sh"), [command, engine, folder],
            environment: new Dictionary<string, string> { ["DATABASE_OWNER"] = Environment.ProcessId.ToString() });
        Assert.True(exitCode == 0, errors);
    }
}
