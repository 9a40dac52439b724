using MailOperator.Benchmarks.Bed;
using MailOperator.Benchmarks.Figures;

namespace MailOperator.Benchmarks.Parts;

/// <summary>What a device costs the operator's own process, cold and warm.</summary>
internal sealed class ComputingPart : Part
{
    private static readonly int Devices = Scale.Of(300);
    private const int AtOnce = 16;
    private const int Rounds = 3;

    private static readonly Figure Cold = new(
        $"computing per new device, first {Devices} of a process", "ms", Target.AtMost(12));

    private static readonly Figure Warm = new("computing per new device, warm", "ms", Target.AtMost(5));

    public override string Name => "computing";

    public override IReadOnlyList<Figure> Figures => [Cold, Warm];

    public override async Task MeasureAsync(Bench bench, Measurements results)
    {
        string backend = await bench.SqlAsync();
        Pod pod = await bench.RestartOperatorAsync();
        await pod.ReadyAsync();
        await pod.QuietAsync();
        await using DeviceWatch watch = await DeviceWatch.StartAsync(bench.Api, bench.Namespace);
        var load = new DeviceLoad(bench.Api, watch, bench.Namespace);

        results.Add(Cold, await MeasureAsync(), note: "one fresh process, 16 at a time");
        var warm = new List<double>();
        for (int round = 0; round < Rounds; round++)
        {
            warm.Add(await MeasureAsync());
        }

        results.Add(
            Warm, Statistics.Median(warm),
            note: $"median of {string.Join(", ", warm.Select(static one => $"{one:0.0}"))}");

        async Task<double> MeasureAsync()
        {
            double before = pod.CpuSeconds;
            await load.CreateAsync(backend, DeviceLoad.Names(bench.Prefix(), Devices), AtOnce);
            await pod.QuietAsync();
            return (pod.CpuSeconds - before) * 1000 / Devices;
        }
    }
}
