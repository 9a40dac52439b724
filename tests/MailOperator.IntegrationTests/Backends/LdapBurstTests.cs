using System.Diagnostics;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Ldap;
using MailOperator.Backends.Ldap.Protocol;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>
/// What a burst of new devices costs at the directory, beside the same entries added in a loop on as many connections, which is
/// what the directory itself can do. Mutants: a round trip more for each slot; a search that looks at all entries; connections
/// that are not used at once.
/// </summary>
[Trait(RunsTrait.Name, RunsTrait.Alone)]
public sealed class LdapBurstTests(ITestOutputHelper output)
{
    private const int Devices = 1000;
    private const int Connections = 8;
    private const double MostTimesTheLimit = 3;

    // The shortest of some tries is the cost itself, whatever else the machine does meanwhile.
    private const int Tries = 5;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Apply_AThousandAtOnce_TakesLittleMoreThanTheDirectory()
    {
        DirectoryServer server = await DirectoryServer.StartAsync();
        LdapSpec spec = server.Spec;
        (spec.Url, spec.Tls, spec.MaxConnections) = ($"ldap://127.0.0.1:{server.Port}", LdapTls.Disabled, Connections);
        var secret = new GivenSecret(new() { ["username"] = DirectoryServer.OperatorDn, ["password"] = server.OperatorPassword });
        await using var backend = (LdapBackend)new LdapDriver(secret).Create(new MailBackendSpec { Ldap = spec });

        (TimeSpan ours, TimeSpan limit) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (int tries = 0; tries < Tries; tries++)
        {
            Slot[] plain = [.. Slots($"plain-{tries}")];
            limit = Min(limit, await TimeAsync(() => Task.WhenAll(plain.Chunk(Devices / Connections).Select(share => LoopAsync(server, spec, share)))));
            Slot[] slots = [.. Slots($"burst-{tries}")];
            ours = Min(ours, await TimeAsync(() => Task.WhenAll(slots.Select(slot => backend.ApplyAsync(new SlotChange(slot.Owner, [slot], []), Token)))));
            Assert.Equal(Devices, (await backend.ListAllAsync($"burst-{tries}", Token)).Count);
        }

        await server.StopAsync();
        output.WriteLine(
            $"{Devices} devices at once in {ours.TotalMilliseconds:F0} ms ({Devices / ours.TotalSeconds:F0}/s); "
            + $"the same entries in a loop {limit.TotalMilliseconds:F0} ms; {ours / limit:F2} times the limit");
        Assert.True(ours <= limit * MostTimesTheLimit, $"It took {ours / limit:F2} times as long as the entries alone.");
    }

    private static IEnumerable<Slot> Slots(string instance) => Enumerable.Range(0, Devices).Select(number => new Slot
    {
        Owner = new SlotOwner(instance, $"device-{number}"),
        Selector = $"n{number:D5}",
        Mailbox = $"{instance}-{number}@example.com",
        Hash = "$2y$04$" + new string('h', 53),
        IssuedAt = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero),
        Restrictions = new SlotRestrictions { DeviceName = $"shop/burst-{number}", Protocols = [MailProtocol.IMAP, MailProtocol.SMTP] },
    });

    /// <summary>A share of the slots by what must be written for one: the mailbox's entry and its own.</summary>
    private static async Task LoopAsync(DirectoryServer server, LdapSpec spec, Slot[] share)
    {
        await using LdapConnection connection = await LdapConnection.ConnectAsync("127.0.0.1", server.Port, Token);
        await connection.RunAsync(new BindOperation(DirectoryServer.OperatorDn, server.OperatorPassword), Token);
        foreach (Slot slot in share)
        {
            foreach (EntryChange change in new EntryChanges(spec, new SlotChange(slot.Owner, [slot], []), owned: [], chosen: []).InOrder)
            {
                await connection.RunAsync(change.Do, Token);
            }
        }
    }

    private static async Task<TimeSpan> TimeAsync(Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        return clock.Elapsed;
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
