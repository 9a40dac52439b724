using System.Diagnostics;
using MailOperator.Benchmarks.Bed;
using MailOperator.Benchmarks.Figures;

namespace MailOperator.Benchmarks.Parts;

/// <summary>From the start of the process.</summary>
internal sealed class StartPart : Part
{
    private const int Rounds = 5;

    private static readonly Figure Ready = new("start to ready", "s", Target.AtMost(0.8));
    private static readonly Figure First = new("start to the first device Ready", "s", Target.AtMost(1.2));

    public override string Name => "start";

    public override IReadOnlyList<Figure> Figures => [Ready, First];

    public override async Task MeasureAsync(Bench bench, Measurements results)
    {
        string backend = await bench.SqlAsync();
        await using DeviceWatch watch = await DeviceWatch.StartAsync(bench.Api, bench.Namespace);
        var load = new DeviceLoad(bench.Api, watch, bench.Namespace);
        (List<double> ready, List<double> first) = ([], []);
        for (int round = 0; round < Rounds; round++)
        {
            await bench.StopOperatorAsync();
            Task<LoadTimes> device = load.CreateAsync(backend, [$"{bench.Prefix()}first"], atOnce: 1);
            long start = Stopwatch.GetTimestamp();
            Pod pod = await bench.RestartOperatorAsync();
            await pod.ReadyAsync();
            ready.Add(pod.ReadyAfter.TotalSeconds);
            await device;
            first.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        results.Add(Ready, Statistics.Median(ready), note: Note(ready));
        results.Add(First, Statistics.Median(first), note: $"created before the start; {Note(first)}");
    }

    private static string Note(IEnumerable<double> values) =>
        $"median of {string.Join(", ", values.Select(static one => $"{one:0.00}"))}";
}
