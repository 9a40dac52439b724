using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.Servers;

public sealed class PostgreSqlAvailabilityTests : LookupAvailabilityTests
{
    internal override async Task<ILookupServer> ServerAsync() => await DatabaseServer.GetAsync("postgresql");
}

public sealed class MariaDbAvailabilityTests : LookupAvailabilityTests
{
    internal override async Task<ILookupServer> ServerAsync() => await DatabaseServer.GetAsync("mariadb");
}
