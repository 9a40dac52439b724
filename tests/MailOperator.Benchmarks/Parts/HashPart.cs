using System.Diagnostics;
using MailOperator.Benchmarks.Bed;
using MailOperator.Benchmarks.Figures;

namespace MailOperator.Benchmarks.Parts;

/// <summary>A burst at the default work factor, which hashing limits.</summary>
internal sealed class HashPart : Part
{
    private const int WorkFactor = 10;
    private static readonly int Devices = Scale.Of(200);
    private const int Rounds = 3;

    private static readonly Figure Rate = new(
        $"burst of {Devices}, work factor {WorkFactor}", "/s", Target.AtLeastTimes(0.92));

    public override string Name => "hash";

    public override IReadOnlyList<Figure> Figures => [Rate];

    public override async Task MeasureAsync(Bench bench, Measurements results)
    {
        string backend = await bench.SqlAsync(WorkFactor);
        Pod pod = await bench.OperatorAsync();
        await using DeviceWatch watch = await DeviceWatch.StartAsync(bench.Api, bench.Namespace);
        var load = new DeviceLoad(bench.Api, watch, bench.Namespace);
        await load.CreateAsync(backend, DeviceLoad.Names(bench.Prefix(), Scale.Of(20)), Bench.Workers);
        (List<double> rates, List<double> limits, List<double> shares) = ([], [], []);
        for (int round = 0; round < Rounds; round++)
        {
            await pod.QuietAsync();
            double bcrypt = HashSpeed.PerSecond(WorkFactor, Scale.Of(40));
            (double busy, double own, long start) =
                (MachineFigures.BusySeconds(), pod.CpuSeconds, Stopwatch.GetTimestamp());
            LoadTimes burst = await load.CreateAsync(
                backend, DeviceLoad.Names(bench.Prefix(), Devices), Bench.Workers);
            double others = MachineFigures.BusySeconds() - busy - (pod.CpuSeconds - own);
            double cores = Stopwatch.GetElapsedTime(start).TotalSeconds * Environment.ProcessorCount;
            double left = Math.Clamp((cores - others) / cores, 0, 1);
            rates.Add(burst.Rate);
            limits.Add(bcrypt * left);
            shares.Add(left);
        }

        results.Add(
            Rate, Statistics.Median(rates), Statistics.Median(limits),
            $"limit: BCrypt.Net on the {Statistics.Median(shares):P0} of all cores that servers and bench left; "
            + $"medians of {Rounds}");
    }
}
