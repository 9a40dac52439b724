using MailOperator.Api;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>A real PostgreSQL or MariaDB of our own, with the schema that we ship and the two roles that it names.</summary>
internal sealed class DatabaseServer : IAsyncDisposable
{
    private readonly string _engine;
    private readonly Dictionary<string, string> _settings;

    private DatabaseServer(string engine, string folder, Dictionary<string, string> settings)
    {
        _engine = engine;
        Folder = folder;
        _settings = settings;
    }

    public string Folder { get; }

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

    /// <param name="engine"><c>postgresql</c> or <c>mariadb</c>.</param>
    public static async Task<DatabaseServer> StartAsync(string engine)
    {
        string folder = Path.Combine(Directory.CreateTempSubdirectory("mo-db-").FullName, engine);
        (int exitCode, _, string errors) = await Shell.TryAsync(
            Repository.Path("tests", "servers", "database.sh"), ["start", engine, folder],
            environment: new Dictionary<string, string> { ["DATABASE_OWNER"] = Environment.ProcessId.ToString() });
        Assert.True(exitCode == 0, errors);
        return new DatabaseServer(engine, folder, (await File.ReadAllLinesAsync(Path.Combine(folder, "database.env")))
            .Select(static line => line.Split('=')).ToDictionary(static pair => pair[0], static pair => pair[1]));
    }

    /// <summary>Runs SQL as the administrator.</summary>
    public Task<string> AdminAsync(string sql) => _engine == "postgresql"
        ? Shell.RunAsync("psql", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-h", Path.Combine(Folder, "admin"), "-p", $"{Port}", "-U", "postgres", "mail", "-c", sql)
        : Shell.RunAsync("mariadb", "--no-defaults", "-N", $"--socket={Path.Combine(Folder, "admin", "mariadb.sock")}", "-u", "root", "mail", "-e", sql);

    public Task SignalAsync(string signal) => Shell.RunAsync("kill", $"-{signal}", $"{ProcessId}");

    public async ValueTask DisposeAsync() =>
        await Shell.RunAsync(Repository.Path("tests", "servers", "database.sh"), "stop", _engine, Folder);
}
