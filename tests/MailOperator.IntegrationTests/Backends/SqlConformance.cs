using System.Diagnostics;
using MailOperator.Backends;
using MailOperator.Backends.Sql;
using MailOperator.IntegrationTests.Bed;

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
public abstract class SqlConformance : BackendConformance
{
    private readonly Secrets _secrets = new();
    private DatabaseServer? _server;

    protected abstract string Engine { get; }

    internal DatabaseServer Server => _server!;

    [Fact]
    public async Task Credentials_Wrong_AreUnauthorizedAndNewOnesInTheSecretLetItIn()
    {
        await Backend.ListAsync(Owner, Token);
        _secrets.Password = "wrong";
        IMailBackend outside = Make();

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => outside.ListAsync(Owner, Token));
        Assert.Equal(BackendFailure.Unauthorized, e.Failure);
        Assert.DoesNotContain("wrong", e.ToString());

        _secrets.Password = Server.OperatorPassword;
        Assert.Empty(await outside.ListAsync(Owner, Token));
    }

    [Fact]
    public async Task Credentials_ChangedInTheDatabase_AreFollowedWithoutARestart()
    {
        await Backend.ListAsync(Owner, Token);
        string changed = $"{Guid.NewGuid():N}";
        await Server.ChangeOperatorPasswordAsync(changed);
        try
        {
            _secrets.Password = changed;
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
        SqlEngine engine = SqlEngine.Of(Server.Spec.Engine);
        var spec = Server.Spec;
        spec.CaBundle = null; // the system's
        await using var backend = new SqlBackend(new SqlConnections(spec, engine, _secrets), engine);

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => backend.ListAsync(Owner, Token));

        Assert.Contains("certificate", e.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Server_Frozen_FailsInTimeAndTheChangeIsWholeOrNotThere()
    {
        await Backend.ListAsync(Owner, Token);
        await Server.SignalAsync("STOP");
        var time = Stopwatch.StartNew();
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
            deadline.CancelAfter(TimeSpan.FromSeconds(3));
            await Assert.ThrowsAnyAsync<Exception>(() => Make().ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa"), Slot("bbbbbb")], []), deadline.Token));
            Assert.True(time.Elapsed < TimeSpan.FromSeconds(10), $"It took {time.Elapsed}.");
        }
        finally
        {
            await Server.SignalAsync("CONT");
        }

        Assert.True((await Backend.ListAsync(Owner, Token)).Count is 0 or 2, "Half a change was made.");
        await Backend.ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa"), Slot("bbbbbb")], []), Token); // again: nothing of the first is in the way
        Assert.Equal(2, (await Backend.ListAsync(Owner, Token)).Count);
    }

    [Fact]
    public async Task Schema_Missing_SaysWhatToDo()
    {
        await Server.AdminAsync("ALTER TABLE mail_app_passwords RENAME TO away");
        try
        {
            MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => Backend.ListAsync(Owner, Token));

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
            MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => Backend.ListAllAsync(Owner.Instance, Token));

            Assert.Equal((BackendFailure.Rejected, true), (e.Failure, e.Message.Contains("version 2", StringComparison.Ordinal)));
        }
        finally
        {
            await Server.AdminAsync("UPDATE mail_app_passwords_schema SET version = 1");
        }
    }

    [Fact]
    public async Task Right_Missing_SaysWhich()
    {
        await Server.AdminAsync(Engine == "postgresql" ? "REVOKE DELETE ON mail_app_passwords FROM mail_operator" : "REVOKE DELETE ON mail.mail_app_passwords FROM mail_operator");
        try
        {
            MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => Make().RemoveAsync(Owner, Token));

            Assert.Equal(BackendFailure.Unauthorized, e.Failure);
            Assert.Contains("DELETE", e.Message);
        }
        finally
        {
            await Server.AdminAsync(Engine == "postgresql" ? "GRANT DELETE ON mail_app_passwords TO mail_operator" : "GRANT DELETE ON mail.mail_app_passwords TO mail_operator");
        }
    }

    internal override IMailBackend Create()
    {
        var engine = SqlEngine.Of(Server.Spec.Engine);
        return new SqlBackend(new SqlConnections(Server.Spec, engine, _secrets), engine);
    }

    protected override async Task StartAsync()
    {
        _server = await DatabaseServer.GetAsync(Engine);
        _secrets.Password = _server.OperatorPassword;
    }

    private sealed class Secrets : IBackendSecrets
    {
        public string Password { get; set; } = "";

        public Task<BackendSecret> ReadAsync(string name, string purpose, CancellationToken cancellationToken) =>
            Task.FromResult(new BackendSecret(new("mail-operator", name), new Dictionary<string, string> { ["username"] = "mail_operator", ["password"] = Password }));
    }
}
