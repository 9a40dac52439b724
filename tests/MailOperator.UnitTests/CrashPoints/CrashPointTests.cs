using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.Passwords;

namespace MailOperator.UnitTests.CrashPoints;

/// <summary>
/// Kills the operator at each of its outward calls of a scenario, before the call and after it was done but not
/// answered, and starts another that knows nothing but what the API server and the backend hold.
/// </summary>
public sealed class CrashPointTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan Overlap = TimeSpan.FromHours(24);
    private readonly PasswordHasher _hasher = new(1);

    private static readonly Dictionary<string, Action<World>> Scenarios = new()
    {
        ["create"] = static _ => { },
        ["rotate"] = static world =>
        {
            world.Promise(Overlap);
            Annotate(world, Annotations.Rotate);
        },
        ["rotate and revoke"] = static world => Annotate(world, Annotations.RotateAndRevoke),
        ["Secret deleted"] = static world =>
        {
            world.Promise(Overlap);
            world.Secrets.Clear();
        },
        ["password edited"] = static world =>
        {
            world.Promise(Overlap);
            world.Forge("forged-forged-forged");
        },
        ["user name edited"] = static world => world.EditSecret(static secret => secret["data"]!["username"] = Convert.ToBase64String("boss"u8)),
        ["type changed"] = static world => world.Edit(static device => device["spec"]!["secret"] = new JsonObject { ["type"] = "Opaque" }),
        ["name changed"] = static world => world.Edit(static device => device["spec"]!["secret"] = new JsonObject { ["name"] = "other" }),
        ["slots lost"] = static world => world.LoseSlots(),
        ["suspended"] = static world => world.Edit(static device => device["spec"]!["suspended"] = true),
        ["interval over"] = static world =>
        {
            world.Promise(Overlap);
            world.Edit(static device => device["spec"]!["rotation"] = new JsonObject { ["interval"] = "30d" });
            world.Clock.Advance(TimeSpan.FromDays(30));
        },
        ["expired"] = static world =>
        {
            world.Edit(static device => device["spec"]!["expiry"] = new JsonObject { ["after"] = "1h" });
            world.Clock.Advance(TimeSpan.FromHours(1));
        },
        ["deleted"] = static world => world.Edit(static device => device["metadata"]!["deletionTimestamp"] = "2026-11-24T13:00:00Z"),
    };

    public static TheoryData<string> Names => [.. Scenarios.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Crash_AtEveryCall_LosesNothingAndLeavesNothing(string scenario)
    {
        (int calls, int passwords) = await RunAsync(scenario, crashAt: null, CrashMoment.BeforeSend);
        foreach (CrashMoment moment in Enum.GetValues<CrashMoment>())
        {
            for (int call = 1; call <= calls; call++)
            {
                int issued = (await RunAsync(scenario, call, moment)).Passwords;
                Assert.True(issued <= passwords + 1, $"{scenario}: {issued} passwords instead of {passwords} after a crash at call {call} ({moment}).");
            }
        }

        output.WriteLine($"{scenario}: {2 * calls} crash points");
        Assert.True(calls >= 3); // a scenario that does nothing proves nothing
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task SecondLeader_ActingBeforeEveryCallOfTheFirst_DoesNoHarm(string scenario)
    {
        // A lease only saves work: a leader that was frozen in the middle goes on when another has taken over.
        (int calls, int passwords) = await RunAsync(scenario, crashAt: null, CrashMoment.BeforeSend);
        for (int call = 1; call <= calls; call++)
        {
            using var world = new World();
            await PrepareAsync(world, scenario);
            await using OperatorUnderTest frozen = new(world, _hasher), successor = new(world, _hasher);
            world.InterfereAt(call, successor.RunWithoutWaitingAsync);
            try
            {
                await frozen.RunWithoutWaitingAsync();
            }
            catch (ApiException e) when (e.IsConflict)
            {
                // Somebody else won; the worker would look again.
            }

            world.CrashAt(null);
            await successor.RunToQuiescenceAsync();
            await AssertSettledAsync(world, successor, scenario, $"{scenario}, another leader at call {call}");
            // A Secret of another type can only be made by deleting the old one: who looks in between finds none and issues.
            int most = scenario == "type changed" ? passwords + 1 : passwords;
            Assert.True(world.Passwords <= most, $"{scenario}: {world.Passwords} passwords instead of {passwords} with another leader at call {call}.");
        }
    }

    private async Task PrepareAsync(World world, string scenario)
    {
        if (scenario != "create")
        {
            await using OperatorUnderTest before = new(world, _hasher);
            await before.RunToQuiescenceAsync();
        }

        Scenarios[scenario](world);
    }

    private async Task<(int Calls, int Passwords)> RunAsync(string scenario, int? crashAt, CrashMoment moment)
    {
        using var world = new World();
        await PrepareAsync(world, scenario);
        world.CrashAt(crashAt, moment);
        int calls = await CrashAsync(world, crashAt);
        world.CrashAt(null);
        await using OperatorUnderTest after = new(world, _hasher);
        await after.RunToQuiescenceAsync();
        await AssertSettledAsync(world, after, scenario, $"{scenario}, crash at call {crashAt} ({moment})");
        return (calls, world.Passwords);
    }

    private async Task<int> CrashAsync(World world, int? crashAt)
    {
        await using OperatorUnderTest dying = new(world, _hasher);
        try
        {
            await dying.RunToQuiescenceAsync();
        }
        catch (CrashException) when (crashAt is not null)
        {
            // Dead, as it should be.
        }

        return world.Calls;
    }

    private static async Task AssertSettledAsync(World world, OperatorUnderTest @operator, string scenario, string what)
    {
        world.AssertNoPasswordElsewhere();
        if (scenario is "deleted" or "expired")
        {
            Assert.True(world.Slots.Count == 0 && world.Secrets.Count == 0, $"{what}: {world.Slots.Count} slots and {world.Secrets.Count} Secrets are left.");
            Assert.Equal(scenario == "deleted", world.Device is null);
            return;
        }

        Slot slot = Assert.Single(world.Slots); // after every overlap and grace
        Assert.Equal(world.CurrentSelector, slot.Selector);
        Assert.Equal(scenario == "suspended", slot.Restrictions.IsSuspended);
        Assert.Equal(scenario == "suspended" ? "False" : "True", (string)world.Device!["status"]!["conditions"]![0]!["status"]!);
        int changes = world.Changes;
        await @operator.PassAsync();
        Assert.True(world.Changes == changes, $"{what}: a pass with nothing to do wrote {world.Changes - changes} times.");
    }

    private static void Annotate(World world, string name) =>
        world.Edit(device => device["metadata"]!["annotations"] = new JsonObject { [name] = "token" });

    public void Dispose() => _hasher.Dispose();
}
