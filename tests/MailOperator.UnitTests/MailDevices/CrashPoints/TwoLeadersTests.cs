using System.Collections.Concurrent;
using System.Globalization;
using MailOperator.Api;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>
/// Two processes that both believe they are the leader work on the same device at once. Mutants: write the Secret
/// without the version that was read; name a slot after the device alone, so that two processes write the same slot.
/// </summary>
public sealed class TwoLeadersTests(ITestOutputHelper output)
{
    private const int Seeds = 40;
    private const int MaxCalls = 10;

    [Theory]
    [InlineData("create")]
    [InlineData("rotate")]
    public async Task TwoLeaders_StoppedAtAnyTwoCalls_Converge(string name)
    {
        // The first stops at its call i, the second at its call j. Then the first runs to its end, then the second.
        var stops = from i in Enumerable.Range(0, MaxCalls)
                    from j in Enumerable.Range(0, MaxCalls)
                    select new[] { (0, i), (1, j), (0, 99), (1, 99) };

        await ExpectGoodEndsAsync(name, [.. stops]);
    }

    [Theory]
    [InlineData("rotate")]
    [InlineData("rotate and revoke")]
    [InlineData("Secret deleted")]
    [InlineData("password edited")]
    [InlineData("choose")]
    [InlineData("delete")]
    public async Task TwoLeaders_AnyOrderOfCalls_Converge(string name)
    {
        var orders = Enumerable.Range(1, Seeds).Select(static seed =>
        {
            var random = new Random(seed);
            return Enumerable.Range(0, 3 * MaxCalls).Select(_ => (random.Next(2), 1)).ToArray();
        });

        await ExpectGoodEndsAsync(name, [.. orders]);
    }

    [Fact]
    public async Task SecondLeader_UnawareOfTheRotation_KeepsTheUncommittedSlot()
    {
        // Mutant: no grace for uncommitted slots. The second leader sees a slot just before the Secret names it.
        for (int call = 0; call < MaxCalls; call++)
        {
            World world = await World.AtRestAsync();
            using SimulatedOperator a = await StartedAsync(world), b = await StartedAsync(world);
            using var baton = new Baton();
            b.IsWatchSilent = true;
            Scenario.Rotate.Act(world);
            await baton.StartAsync(a, () => Task.Run(() => a.RunForAsync(TimeSpan.Zero)));
            for (int step = 0; step < call && await baton.StepAsync(); step++)
            {
            }

            b.Wake();
            await b.RunForAsync(TimeSpan.Zero);
            await baton.FinishAsync();
            b.IsWatchSilent = false;
            await b.RunForAsync(TimeSpan.FromMinutes(5));
            await a.RunForAsync(TimeSpan.FromMinutes(5));

            await CrashRun.JudgeAsync(world, a);
            Assert.True(
                world.Oracle.Violations.Count == 0,
                $"before call {call + 1}: {string.Join('\n', world.Oracle.Violations)}");
        }
    }

    private async Task ExpectGoodEndsAsync(string name, IReadOnlyList<(int Who, int Steps)[]> orders)
    {
        Scenario scenario = Scenario.All.Single(one => one.Name == name);
        var problems = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(orders, TestContext.Current.CancellationToken, async (order, _) =>
        {
            foreach (string problem in await RunAsync(scenario, order))
            {
                problems.Add($"{string.Join(' ', order.Take(40))}: {problem}");
            }
        });

        output.WriteLine($"{name}: {orders.Count} interleavings");
        Assert.True(problems.IsEmpty, string.Join('\n', problems.Order(StringComparer.Ordinal).Take(20)));
    }

    private static async Task<IReadOnlyList<string>> RunAsync(Scenario scenario, (int Who, int Steps)[] order)
    {
        bool isNew = scenario == Scenario.Create;
        World world = isNew ? new World() : await World.AtRestAsync();
        using SimulatedOperator a = isNew ? new(world, isLagging: false) : await StartedAsync(world);
        using SimulatedOperator b = isNew ? new(world, isLagging: false) : await StartedAsync(world);

        int issuedBefore = world.Oracle.Issued;
        int epochBefore = Epoch(world);
        scenario.Act(world);
        await InterleaveAsync(a, b, isNew, order);
        // Old and new. The loser removes its own slot at once, without waiting for the grace.
        world.Oracle.Expect(
            scenario != Scenario.Rotate || world.Slots.Of(World.Owner).Count == 2,
            "the loser has left its slot behind");
        for (int round = 0; round < 5; round++)
        {
            await a.RunForAsync(TimeSpan.FromMinutes(1));
            await b.RunForAsync(TimeSpan.FromMinutes(1));
        }

        int expected = scenario == Scenario.Delete ? 0 : 1;
        world.Oracle.Expect(
            world.Oracle.Issued - issuedBefore == expected, $"{world.Oracle.Issued - issuedBefore} new passwords");
        world.Oracle.Expect(
            Epoch(world) == scenario.Name switch
            {
                "delete" => 0,
                "create" => 1,
                _ => epochBefore + 1,
            }, $"epoch {epochBefore} became {Epoch(world)}");
        await b.RunForAsync(World.Overlap + TimeSpan.FromHours(1));
        await CrashRun.JudgeAsync(world, a);
        return world.Oracle.Violations;
    }

    private static async Task InterleaveAsync(
        SimulatedOperator a, SimulatedOperator b, bool isNew, (int Who, int Steps)[] order)
    {
        using Baton batonA = new(), batonB = new();
        Baton[] batons = [batonA, batonB];
        await batons[0].StartAsync(a, () => RunAsync(a));
        await batons[1].StartAsync(b, () => RunAsync(b));
        foreach ((int who, int steps) in order)
        {
            for (int step = 0; step < steps && await batons[who].StepAsync(); step++)
            {
            }
        }

        await batons[0].FinishAsync();
        await batons[1].FinishAsync();

        async Task RunAsync(SimulatedOperator one)
        {
            await Task.Yield();
            if (isNew)
            {
                await one.StartAsync();
            }

            await one.RunForAsync(TimeSpan.Zero);
        }
    }

    private static async Task<SimulatedOperator> StartedAsync(World world)
    {
        var one = new SimulatedOperator(world, isLagging: false);
        await one.StartAsync();
        await one.RunForAsync(TimeSpan.Zero);
        return one;
    }

    private static int Epoch(World world) => world.SecretsOfDevice().SingleOrDefault() is { } secret
        ? int.Parse(
            secret["metadata"]!["annotations"]![Annotations.Epoch]!.GetValue<string>(), CultureInfo.InvariantCulture)
        : 0;
}
