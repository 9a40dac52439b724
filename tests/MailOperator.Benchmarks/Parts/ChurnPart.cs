using MailOperator.Benchmarks.Bed;
using MailOperator.Benchmarks.Figures;

namespace MailOperator.Benchmarks.Parts;

/// <summary>Rotations and deletions of many devices at once.</summary>
internal sealed class ChurnPart : Part
{
    private static readonly int Devices = Scale.Of(500);
    private const double Allowed = 0.85;

    private static readonly Figure Rotate = new($"rotate {Devices}", "/s", Target.AtLeastTimes(Allowed));
    private static readonly Figure Delete = new($"delete {Devices}", "/s", Target.AtLeastTimes(Allowed));

    public override string Name => "churn";

    public override IReadOnlyList<Figure> Figures => [Rotate, Delete];

    public override async Task MeasureAsync(Bench bench, Measurements results)
    {
        string backend = await bench.SqlAsync();
        Pod pod = await bench.OperatorAsync();
        BareChain chain = await bench.ChainAsync();
        await using DeviceWatch watch = await DeviceWatch.StartAsync(bench.Api, bench.Namespace);
        var load = new DeviceLoad(bench.Api, watch, bench.Namespace);
        string[] ours = DeviceLoad.Names(bench.Prefix(), Devices);
        string[] bare = DeviceLoad.Names(bench.Prefix(), Devices);
        await load.CreateAsync(backend, ours, Bench.Workers);
        await chain.CreateAsync(bare, Bench.Workers);
        await load.RotateAsync("warm-up", ours, Bench.Workers);

        (List<double> rates, List<double> limits) = ([], []);
        foreach (string token in (string[])["one", "two", "three"])
        {
            await pod.QuietAsync();
            limits.Add((await chain.RotateAsync(bare, Bench.Workers, token)).Rate);
            rates.Add((await load.RotateAsync(token, ours, Bench.Workers)).Rate);
        }

        results.Add(
            Rotate, Statistics.Median(rates), Statistics.Median(limits),
            "limit: annotation, Secret, status and event by a bare client; medians of 3");
        await pod.QuietAsync();
        double limit = (await chain.DeleteAsync(bare, Bench.Workers)).Rate;
        results.Add(
            Delete, (await load.DeleteAsync(ours, Bench.Workers)).Rate, limit,
            "limit: delete, Secret, finalizer and event by a bare client; one run each");
    }
}
