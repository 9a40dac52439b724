using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.Servers;

public sealed class LdapAvailabilityTests : LookupAvailabilityTests
{
    // Not that of the other tests, whose mail servers would be cut off with the operator.
    private static readonly Lazy<Task<DirectoryServer>> Own = new(static () => DirectoryServer.StartAsync());

    [Fact]
    public async Task Server_StoppedThenBack_IssuesWithoutARestart()
    {
        // Mutant: a connection that the server has closed is used again and again.
        DirectoryServer server = await Own.Value;
        await CreateBackendAsync();
        await CreateDeviceAsync("early");
        await Bed.WaitForDeviceAsync(Key("early"), "Ready", "True", Reasons.Issued);
        await server.StopAsync();
        try
        {
            await CreateDeviceAsync("waiting");
            await SaysUnavailableAsync("waiting");
        }
        finally
        {
            await server.RestartAsync();
        }

        await IssuesAgainAsync("waiting");
    }

    internal override async Task<ILookupServer> ServerAsync() => await Own.Value;
}
