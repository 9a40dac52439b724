using System.Data;
using System.Data.Common;
using System.Diagnostics;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Sql;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>
/// What a burst of new devices costs at the database, beside the same statements in a loop on as many connections, which is
/// what the database itself can do. Mutants: a round trip more for each slot; connections that are not used at once.
/// </summary>
[Trait(RunsTrait.Name, RunsTrait.Alone)]
public sealed class SqlBurstTests(ITestOutputHelper output)
{
    private const int Devices = 1000;
    private const int Connections = 8;
    private const double MostTimesTheLimit = 2;

    // The shortest of some tries is the cost itself, whatever else the machine does meanwhile.
    private const int Tries = 5;

    private static readonly SlotOwner Operator = new("burst", "");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("postgresql")]
    [InlineData("mariadb")]
    public async Task Apply_AThousandAtOnce_TakesLittleMoreThanTheDatabase(string engineName)
    {
        DatabaseServer server = await DatabaseServer.GetAsync(engineName);
        SqlSpec spec = server.Spec;
        spec.MaxConnections = Connections;
        var engine = SqlEngine.Of(spec.Engine);
        await using var backend = new SqlBackend(new SqlConnections(spec, engine, new Credentials(server)), engine);
        await using DbDataSource plain = engine.Connect(spec, new SqlCredentials("mail_operator", server.OperatorPassword));

        (TimeSpan ours, TimeSpan limit) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (int tries = 0; tries < Tries; tries++)
        {
            limit = Min(limit, await TimeAsync(server, () => Task.WhenAll(Enumerable.Range(0, Connections).Select(connection => LoopAsync(plain, connection)))));
            ours = Min(ours, await TimeAsync(server, () => Task.WhenAll(Slots().Select(slot =>
                backend.ApplyAsync(new SlotChange(slot.Owner, [slot], []), Token)))));
        }

        output.WriteLine(
            $"{engineName}: {Devices} devices at once in {ours.TotalMilliseconds:F0} ms ({Devices / ours.TotalSeconds:F0}/s); "
            + $"the same statements in a loop {limit.TotalMilliseconds:F0} ms; {ours / limit:F2} times the limit");
        Assert.True(ours <= limit * MostTimesTheLimit, $"It took {ours / limit:F2} times as long as the statements alone.");
    }

    private static IEnumerable<Slot> Slots() => Enumerable.Range(0, Devices).Select(static number => new Slot
    {
        Owner = Operator with { DeviceUid = $"device-{number}" },
        Selector = $"n{number:D5}",
        Mailbox = "burst@example.com",
        Hash = "$2y$04$" + new string('h', 53),
        IssuedAt = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero),
        Restrictions = new SlotRestrictions { DeviceName = $"shop/burst-{number}", Protocols = [MailProtocol.IMAP, MailProtocol.SMTP] },
    });

    /// <summary>A share of the slots by what every driver does for one: out and in again, in a transaction.</summary>
    private static async Task LoopAsync(DbDataSource source, int share)
    {
        await using DbConnection connection = await source.OpenConnectionAsync(Token);
        foreach (Slot slot in Slots().Where((_, number) => number % Connections == share))
        {
            await using DbTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, Token);
            await using DbCommand delete = connection.CreateCommand();
            delete.CommandText = "DELETE FROM mail_app_passwords WHERE instance = @instance AND device_uid = @device_uid AND selector = @selector";
            delete.Transaction = transaction;
            delete.Bind("instance", slot.Owner.Instance);
            delete.Bind("device_uid", slot.Owner.DeviceUid);
            delete.Bind("selector", slot.Selector);
            await delete.ExecuteNonQueryAsync(Token);
            await using DbCommand insert = connection.CreateCommand();
            insert.CommandText = SlotRow.Insert;
            insert.Transaction = transaction;
            SlotRow.Bind(insert, slot, place: null);
            await insert.ExecuteNonQueryAsync(Token);
            await transaction.CommitAsync(Token);
        }
    }

    private static async Task<TimeSpan> TimeAsync(DatabaseServer server, Func<Task> work)
    {
        await server.AdminAsync("DELETE FROM mail_app_passwords WHERE instance = 'burst'");
        var clock = Stopwatch.StartNew();
        await work();
        TimeSpan taken = clock.Elapsed;
        Assert.Equal($"{Devices}", (await server.AdminAsync("SELECT COUNT(*) FROM mail_app_passwords WHERE instance = 'burst'")).Trim());
        return taken;
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private sealed class Credentials(DatabaseServer server) : IBackendSecrets
    {
        public Task<BackendSecret> ReadAsync(string name, string purpose, CancellationToken cancellationToken) => Task.FromResult(new BackendSecret(
            new ObjectKey("mail-operator", name), new Dictionary<string, string> { ["username"] = "mail_operator", ["password"] = server.OperatorPassword }));
    }
}
