using MailOperator.Benchmarks.Bed;
using MailOperator.Benchmarks.Figures;

namespace MailOperator.Benchmarks.Parts;

/// <summary>One device after another, each when the one before is Ready.</summary>
internal sealed class SinglePart : Part
{
    private static readonly int WarmUp = Scale.Of(100);
    private static readonly int Devices = Scale.Of(50);
    private const int Rounds = 3;
    private const double Allowed = 1.3;
    private const string Chain = "limit: p50 of create, finalizer, Secret, status and event by a bare client";

    private static readonly Figure Middle = new(
        "create to Ready, work factor 4, p50", "ms", Target.AtMostTimes(Allowed));

    private static readonly Figure Slow = new("create to Ready, work factor 4, p99", "ms", Target.AtMostTimes(3));

    private static readonly Figure Hashed = new("create to Ready, work factor 10, p50", "ms", Target.AtMostTimes(1));

    public override string Name => "single";

    public override IReadOnlyList<Figure> Figures => [Middle, Slow, Hashed];

    public override async Task MeasureAsync(Bench bench, Measurements results)
    {
        Pod pod = await bench.OperatorAsync();
        BareChain chain = await bench.ChainAsync();
        await using DeviceWatch watch = await DeviceWatch.StartAsync(bench.Api, bench.Namespace);
        var load = new DeviceLoad(bench.Api, watch, bench.Namespace);
        (string fast, string slow) = (await bench.SqlAsync(), await bench.SqlAsync(10));
        await load.CreateAsync(fast, DeviceLoad.Names(bench.Prefix(), WarmUp), atOnce: 4);
        await load.CreateAsync(slow, DeviceLoad.Names(bench.Prefix(), 4), atOnce: 4);
        await chain.CreateAsync(DeviceLoad.Names(bench.Prefix(), WarmUp / 2), atOnce: 1);

        (List<double> bare, List<double> four, List<double> ten, List<double> hash) = ([], [], [], []);
        for (int round = 0; round < Rounds; round++)
        {
            await pod.QuietAsync();
            bare.AddRange((await chain.CreateAsync(Names(Devices), atOnce: 1)).Milliseconds);
            four.AddRange((await load.CreateOneByOneAsync(fast, Names(Devices))).Milliseconds);
            hash.Add(HashSpeed.Milliseconds(workFactor: 10, count: 5));
            ten.AddRange((await load.CreateOneByOneAsync(slow, Names(Math.Max(1, Devices / 3)))).Milliseconds);
        }

        double limit = Statistics.Median(bare);
        double one = Statistics.Median(hash);
        results.Add(
            Middle, Statistics.Median(four), limit,
            $"{Chain}, one after another; without the user's create {Statistics.Median(chain.OwnMilliseconds):0.0} ms");
        results.Add(
            Slow, Statistics.Percentile(four, 99), limit,
            $"{Chain}; its own p99 is {Statistics.Percentile(bare, 99):0.0} ms");
        results.Add(
            Hashed, Statistics.Median(ten), (limit * Allowed) + one,
            $"limit: {Allowed} × the bare client's p50, and one hash of {one:0.0} ms");

        string[] Names(int count) => DeviceLoad.Names(bench.Prefix(), count);
    }
}
