using System.Data;
using System.Data.Common;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Sql;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>Mutants: one more round trip per slot; connections that are not used in parallel.</summary>
[Trait(RunsTrait.Name, RunsTrait.Alone)]
public sealed class SqlBurstTests(ITestOutputHelper output) : BurstTest(output)
{
    private const double MaxRatioToLimit = 2;
    private const string Instance = "burst";

    [Theory]
    [InlineData("postgresql")]
    [InlineData("mariadb")]
    public async Task Apply_AThousandAtOnce_TakesLittleMoreThanTheDatabase(string engineName)
    {
        DatabaseServer server = await DatabaseServer.GetAsync(engineName);
        SqlSpec spec = server.Spec;
        spec.MaxConnections = Connections;
        var engine = SqlEngine.Of(spec.Engine);
        var secret = new GivenSecret(new() { ["username"] = "mail_operator", ["password"] = server.OperatorPassword });
        await using var backend = new SqlBackend(new SqlConnections(spec, engine, secret), engine);
        await using DbDataSource plain = engine.Connect(
            spec, new SqlCredentials("mail_operator", server.OperatorPassword));

        await CompareAsync(
            engineName,
            MaxRatioToLimit,
            _ => IntoAnEmptyTableAsync(server, () => Task.WhenAll(
                SlotsOfOneMailbox().Chunk(Devices / Connections).Select(share => LoopAsync(plain, share)))),
            _ => IntoAnEmptyTableAsync(server, () => PutAtOnceAsync(backend, SlotsOfOneMailbox())));
    }

    private static IEnumerable<Slot> SlotsOfOneMailbox() => Slots(Instance, static _ => "burst@example.com");

    private static async Task<TimeSpan> IntoAnEmptyTableAsync(DatabaseServer server, Func<Task> work)
    {
        await server.AdminAsync($"DELETE FROM mail_app_passwords WHERE instance = '{Instance}'");
        TimeSpan taken = await TimeAsync(work);
        Assert.Equal(
            $"{Devices}",
            (await server.AdminAsync($"SELECT COUNT(*) FROM mail_app_passwords WHERE instance = '{Instance}'")).Trim());
        return taken;
    }

    /// <summary>Writes a share of the slots as the driver does for one: delete and insert, in a transaction.</summary>
    private static async Task LoopAsync(DbDataSource source, Slot[] share)
    {
        await using DbConnection connection = await source.OpenConnectionAsync(Token);
        foreach (Slot slot in share)
        {
            await using DbTransaction transaction = await connection.BeginTransactionAsync(
                IsolationLevel.ReadCommitted, Token);
            await using DbCommand delete = connection.CreateCommand();
            delete.CommandText = "DELETE FROM mail_app_passwords WHERE instance = @instance AND device_uid = "
                + "@device_uid AND selector = @selector";
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
}
