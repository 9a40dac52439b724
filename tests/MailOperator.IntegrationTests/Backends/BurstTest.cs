using System.Diagnostics;
using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>
/// What a burst of new devices costs at a store, compared with the same writes in a loop on as many connections, which
/// is the store's own limit.
/// </summary>
public abstract class BurstTest(ITestOutputHelper output)
{
    private protected const int Devices = 1000;
    private protected const int Connections = 8;

    // The shortest of several tries is the actual cost, without other load of the machine.
    private const int Tries = 5;

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Slots with a constant hash, because hashing is not measured.</summary>
    private protected static IEnumerable<Slot> Slots(string instance, Func<int, string> mailbox) =>
        Enumerable.Range(0, Devices).Select(number => new Slot
        {
            Owner = new SlotOwner(instance, $"device-{number}"),
            Selector = $"n{number:D5}",
            Mailbox = mailbox(number),
            Hash = "$2y$04$" + new string('h', 53),
            IssuedAt = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero),
            Restrictions = new SlotRestrictions
            {
                DeviceName = $"shop/burst-{number}",
                Protocols = [MailProtocol.IMAP, MailProtocol.SMTP],
            },
        });

    private protected static Task PutAtOnceAsync(IMailBackend backend, IEnumerable<Slot> slots) =>
        Task.WhenAll(slots.Select(slot => backend.ApplyAsync(new SlotChange(slot.Owner, [slot], []), Token)));

    private protected static async Task<TimeSpan> TimeAsync(Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        return clock.Elapsed;
    }

    /// <param name="store">Name of the store, for the output.</param>
    /// <param name="maxRatio">Maximum ratio of the burst's time to the loop's.</param>
    /// <param name="loop">Measures the loop, given the number of the try.</param>
    /// <param name="burst">Measures the burst.</param>
    private protected async Task CompareAsync(
        string store, double maxRatio, Func<int, Task<TimeSpan>> loop, Func<int, Task<TimeSpan>> burst)
    {
        (TimeSpan ours, TimeSpan limit) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (int tries = 0; tries < Tries; tries++)
        {
            limit = Min(limit, await loop(tries));
            ours = Min(ours, await burst(tries));
        }

        output.WriteLine(
            $"{store}: {Devices} devices at once in {ours.TotalMilliseconds:F0} ms "
            + $"({Devices / ours.TotalSeconds:F0}/s); "
            + $"the same writes in a loop {limit.TotalMilliseconds:F0} ms; {ours / limit:F2} times the limit");
        Assert.True(ours <= limit * maxRatio, $"It took {ours / limit:F2} times as long as the writes alone.");
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
