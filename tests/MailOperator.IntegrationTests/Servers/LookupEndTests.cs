using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices.Ends;

namespace MailOperator.IntegrationTests.Servers;

/// <summary>Passwords in a server that Dovecot queries at each login.</summary>
public abstract class LookupEndTests(string engine, ITestOutputHelper output) : EndMatrix(output)
{
    internal abstract Task<ILookupServer> ServerAsync();

    internal override async Task<(string Backend, DovecotServer Dovecot)> StartAsync()
    {
        ILookupServer server = await ServerAsync();
        MailSystem system = await Bed.MailSystemAsync("2.3", engine);
        string backend = $"ends-{Guid.NewGuid().ToString("N")[..8]}";
        await server.CreateSecretAsync(Cluster, backend, server.OperatorPassword);
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", server.BackendYaml(backend, system.Dovecot));
        return (backend, system.Dovecot);
    }
}

/// <summary>Passwords in PostgreSQL.</summary>
public sealed class PostgresEndTests(ITestOutputHelper output) : LookupEndTests("postgresql", output)
{
    internal override async Task<ILookupServer> ServerAsync() => await DatabaseServer.GetAsync("postgresql");
}

/// <summary>Passwords in OpenLDAP.</summary>
public sealed class LdapEndTests(ITestOutputHelper output) : LookupEndTests("ldap", output)
{
    internal override async Task<ILookupServer> ServerAsync() => await DirectoryServer.GetAsync();
}
