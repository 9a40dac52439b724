using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.Servers;

public abstract class SqlAvailabilityTests(string engine) : LookupAvailabilityTests
{
    [Fact]
    public async Task Table_LockedByAnother_IsUnavailableUntilItIsFree()
    {
        // Mutant: a change that waits for a lock waits for ever, and a worker with it.
        DatabaseServer server = await DatabaseServer.GetAsync(engine);
        await CreateBackendAsync();
        Task session = await server.LockAsync();
        try
        {
            await CreateDeviceAsync("waiting");
            await SaysUnavailableAsync("waiting");
        }
        finally
        {
            await server.UnlockAsync();
            await session;
        }

        await IssuesAgainAsync("waiting");
    }

    internal override async Task<ILookupServer> ServerAsync() => await DatabaseServer.GetAsync(engine);
}

public sealed class PostgreSqlAvailabilityTests() : SqlAvailabilityTests("postgresql");

public sealed class MariaDbAvailabilityTests() : SqlAvailabilityTests("mariadb");
