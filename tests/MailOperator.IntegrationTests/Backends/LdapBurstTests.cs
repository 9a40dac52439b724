using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Ldap;
using MailOperator.Backends.Ldap.Protocol;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>
/// Mutants: one more round trip per slot; a search through all entries; connections that are not used in parallel.
/// </summary>
[Trait(RunsTrait.Name, RunsTrait.Alone)]
public sealed class LdapBurstTests(ITestOutputHelper output) : BurstTest(output)
{
    private const double MaxRatioToLimit = 3;

    [Fact]
    public async Task Apply_AThousandAtOnce_TakesLittleMoreThanTheDirectory()
    {
        DirectoryServer server = await DirectoryServer.StartAsync();
        LdapSpec spec = server.Spec;
        (spec.Url, spec.Tls, spec.MaxConnections) = ($"ldap://127.0.0.1:{server.Port}", LdapTls.Disabled, Connections);
        var secret = new GivenSecret(
            new() { ["username"] = DirectoryServer.OperatorDn, ["password"] = server.OperatorPassword });
        await using var backend = (LdapBackend)new LdapDriver(secret).Create(new MailBackendSpec { Ldap = spec });

        await CompareAsync(
            "openldap",
            MaxRatioToLimit,
            tries => TimeAsync(() => Task.WhenAll(SlotsOf($"plain-{tries}").Chunk(Devices / Connections)
                .Select(share => LoopAsync(server, spec, share)))),
            async tries =>
            {
                TimeSpan taken = await TimeAsync(() => PutAtOnceAsync(backend, SlotsOf($"burst-{tries}")));
                Assert.Equal(Devices, (await backend.ListAllAsync($"burst-{tries}", Token)).Count);
                return taken;
            });

        await server.StopAsync();
    }

    private static IEnumerable<Slot> SlotsOf(string instance) =>
        Slots(instance, number => $"{instance}-{number}@example.com");

    /// <summary>Writes a share of the slots with the minimum for one: the mailbox's entry and its own.</summary>
    private static async Task LoopAsync(DirectoryServer server, LdapSpec spec, Slot[] share)
    {
        await using LdapConnection connection = await LdapConnection.ConnectAsync("127.0.0.1", server.Port, Token);
        await connection.RunAsync(new BindOperation(DirectoryServer.OperatorDn, server.OperatorPassword), Token);
        foreach (Slot slot in share)
        {
            foreach (EntryChange change in new EntryChanges(
                spec, new SlotChange(slot.Owner, [slot], []), owned: [], chosen: []).InOrder)
            {
                await connection.RunAsync(change.Do, Token);
            }
        }
    }
}
