using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Sql;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Backends;

public sealed class PostgreSqlConformanceTests : SqlConformance
{
    protected override string Engine => "postgresql";
}

public sealed class MariaDbConformanceTests : SqlConformance
{
    protected override string Engine => "mariadb";
}

/// <summary>The table of <c>operator/Backends/Sql/Schema</c>, under the rights that it names.</summary>
public abstract class SqlConformance : HashConformance
{
    private readonly Dictionary<string, string> _secret = new() { ["username"] = "mail_operator" };
    private DatabaseServer? _server;
    private FaultProxy _way = null!;

    protected abstract string Engine { get; }

    internal DatabaseServer Server => _server!;

    [Fact]
    public async Task Credentials_ChangedInTheDatabase_AreFollowedWithoutARestart()
    {
        await Backend.ListAsync(Owner, Token);
        string changed = $"{Guid.NewGuid():N}";
        await Server.ChangeOperatorPasswordAsync(changed);
        try
        {
            _secret["password"] = changed;
            await Backend.ListAllAsync(Owner.Instance, Token);
            await Backend.ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa")], []), Token);

            Assert.Single(await Backend.ListAsync(Owner, Token));
        }
        finally
        {
            await Server.ChangeOperatorPasswordAsync(Server.OperatorPassword);
        }
    }

    [Fact]
    public async Task Server_WhoseCertificateIsNotOfTheBundle_IsNotTrusted()
    {
        SqlSpec spec = Server.Spec;
        spec.CaBundle = null; // that of the system

        MailBackendException e = await FailureAsync(() => Keep(Connect(spec)).ListAsync(Owner, Token));

        Assert.Contains("certificate", e.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Schema_Missing_SaysWhatToDo()
    {
        await Server.AdminAsync("ALTER TABLE mail_app_passwords RENAME TO away");
        try
        {
            MailBackendException e = await FailureAsync(() => Backend.ListAsync(Owner, Token));

            Assert.Contains("apply the schema file", e.Message);
        }
        finally
        {
            await Server.AdminAsync("ALTER TABLE away RENAME TO mail_app_passwords");
        }
    }

    [Fact]
    public async Task Schema_OfAnotherVersion_IsNotUsed()
    {
        await Server.AdminAsync("UPDATE mail_app_passwords_schema SET version = 2");
        try
        {
            MailBackendException e = await FailureAsync(() => Backend.ListAllAsync(Owner.Instance, Token));

            Assert.Equal(
                (BackendFailure.Rejected, true),
                (e.Failure, e.Message.Contains("version 2", StringComparison.Ordinal)));
        }
        finally
        {
            await Server.AdminAsync("UPDATE mail_app_passwords_schema SET version = 1");
        }
    }

    [Fact]
    public async Task Right_Missing_SaysWhich()
    {
        await Server.AdminAsync(Engine == "postgresql"
            ? "REVOKE DELETE ON mail_app_passwords FROM mail_operator"
            : "REVOKE DELETE ON mail.mail_app_passwords FROM mail_operator");
        try
        {
            MailBackendException e = await FailureAsync(() => Make().RemoveAsync(Owner, Token));

            Assert.Equal(BackendFailure.Unauthorized, e.Failure);
            Assert.Contains("DELETE", e.Message);
        }
        finally
        {
            await Server.AdminAsync(Engine == "postgresql"
                ? "GRANT DELETE ON mail_app_passwords TO mail_operator"
                : "GRANT DELETE ON mail.mail_app_passwords TO mail_operator");
        }
    }

    internal override ITrouble Trouble => _way;

    internal override IMailBackend Create()
    {
        SqlSpec spec = Server.Spec;
        spec.Port = _way.Port;
        return Connect(spec);
    }

    internal override IMailBackend CreateAside() => Connect(Server.Spec);

    protected override async Task StartAsync()
    {
        _server = await DatabaseServer.GetAsync(Engine);
        _way = new FaultProxy(_server.Port);
        await LetInAsync();
    }

    protected override Task RestartServerAsync() => Server.RestartAsync();

    protected override Task LockOutAsync()
    {
        _secret["password"] = WrongSecret;
        return Task.CompletedTask;
    }

    protected override Task LetInAsync()
    {
        _secret["password"] = Server.OperatorPassword;
        return Task.CompletedTask;
    }

    private SqlBackend Connect(SqlSpec spec) =>
        (SqlBackend)new SqlDriver(new GivenSecret(_secret)).Create(new MailBackendSpec { Sql = spec });
}
