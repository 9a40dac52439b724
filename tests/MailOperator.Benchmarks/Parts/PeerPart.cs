using MailOperator.Benchmarks.Bed;
using MailOperator.Benchmarks.Figures;

namespace MailOperator.Benchmarks.Parts;

/// <summary>Beside the calls that controllers usually make: with a GET, and PUTs of whole objects.</summary>
internal sealed class PeerPart : Part
{
    private static readonly int Devices = Scale.Of(300);
    private const int AtOnce = 16;
    private const int Rounds = 3;

    private static readonly Figure Rate = new(
        $"burst of {Devices}, {AtOnce} at a time, work factor 4", "/s", Target.AtLeastTimes(1.41));

    public override string Name => "peer";

    public override IReadOnlyList<Figure> Figures => [Rate];

    public override async Task MeasureAsync(Bench bench, Measurements results)
    {
        string backend = await bench.SqlAsync();
        Pod pod = await bench.OperatorAsync();
        BareChain chain = await bench.ChainAsync();
        await using DeviceWatch watch = await DeviceWatch.StartAsync(bench.Api, bench.Namespace);
        var load = new DeviceLoad(bench.Api, watch, bench.Namespace);
        await load.CreateAsync(backend, Names(), AtOnce);
        (List<double> ours, List<double> limit) = ([], []);
        for (int round = 0; round < Rounds; round++)
        {
            await pod.QuietAsync();
            limit.Add((await chain.CreateWithPutsAsync(Names(), AtOnce)).Rate);
            ours.Add((await load.CreateAsync(backend, Names(), AtOnce)).Rate);
        }

        results.Add(
            Rate, Statistics.Median(ours), Statistics.Median(limit),
            $"limit: create, GET, PUT, Secret and PUT of the status by a bare client; medians of {Rounds}");

        string[] Names() => DeviceLoad.Names(bench.Prefix(), Devices);
    }
}
