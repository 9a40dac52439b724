using System.Collections.Concurrent;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>
/// Injects every fault at every outward call of every scenario. The device must always end in the same good state.
/// Mutants: write the Secret before the slot; keep the epoch or the token in memory; retire before the commit.
/// </summary>
public sealed class CrashPointTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Failover = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongOutage = TimeSpan.FromMinutes(10); // longer than a slot's grace

    private static readonly (Fault Fault, TimeSpan Downtime)[] Faults =
    [
        (Fault.CrashBeforeSend, Failover),
        (Fault.CrashAfterAnswer, LongOutage),
        (Fault.AnswerLostThenCrash, Failover),
        (Fault.AnswerLost, TimeSpan.Zero),
        (Fault.Refused, TimeSpan.Zero),
    ];

    private const int MinCalls = 3;
    private const int MinPoints = 800;

    public static TheoryData<string, bool> Scenarios
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (Scenario scenario in Scenario.All)
            {
                data.Add(scenario.Name, false);
                data.Add(scenario.Name, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Scenario_FaultAtAnyCall_EndsWell(string name, bool isLagging)
    {
        Scenario scenario = Scenario.All.Single(one => one.Name == name);
        CrashRun smooth = await CrashRun.OfAsync(scenario, Fault.None, 0, TimeSpan.Zero, isLagging);
        Assert.Empty(smooth.Violations);
        List<(int At, Fault Fault, TimeSpan Downtime)> points = Points(smooth, isLagging);
        var problems = new ConcurrentBag<string>();

        await Parallel.ForEachAsync(points, TestContext.Current.CancellationToken, async (point, _) =>
        {
            CrashRun run = await CrashRun.OfAsync(scenario, point.Fault, point.At, point.Downtime, isLagging);
            string where =
                $"{point.Fault} at call {point.At} ({smooth.Calls[point.At - 1]}), down for {point.Downtime}:";
            foreach (string violation in run.Violations)
            {
                problems.Add($"{where} {violation}");
            }

            if (run.PasswordChanges > smooth.PasswordChanges + 1)
            {
                problems.Add($"{where} {run.PasswordChanges} passwords instead of {smooth.PasswordChanges}");
            }
        });

        output.WriteLine($"{name}: {smooth.Calls.Count} calls, {points.Count} crash points");
        output.WriteLine(string.Join('\n', smooth.Calls));
        Assert.True(problems.IsEmpty, string.Join('\n', problems.Order(StringComparer.Ordinal).Take(20)));
        Assert.InRange(smooth.Calls.Count, MinCalls, 45); // fewer: no fault was injected
    }

    [Fact]
    public async Task CrashPoints_OfAllScenarios_AreMany()
    {
        int count = 0;
        foreach (Scenario scenario in Scenario.All)
        {
            count += Points(
                await CrashRun.OfAsync(scenario, Fault.None, 0, TimeSpan.Zero, isLagging: false),
                isLagging: false).Count;
            count += Points(
                await CrashRun.OfAsync(scenario, Fault.None, 0, TimeSpan.Zero, isLagging: true), isLagging: true).Count;
        }

        output.WriteLine($"{Scenario.All.Count} scenarios, {count} crash points");
        Assert.True(count >= MinPoints, $"only {count} crash points");
    }

    // A process that dies loses its stale caches, so lagging runs need only the faults that a process survives.
    private static List<(int At, Fault Fault, TimeSpan Downtime)> Points(CrashRun smooth, bool isLagging) =>
    [
        .. from at in Enumerable.Range(1, smooth.Calls.Count)
           from fault in Faults
           where !isLagging || fault.Downtime == TimeSpan.Zero
           select (at, fault.Fault, fault.Downtime),
    ];
}
