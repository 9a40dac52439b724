using MailOperator.Benchmarks.Bed;
using MailOperator.Benchmarks.Figures;

namespace MailOperator.Benchmarks.Parts;

/// <summary>Many devices at once, on both kinds of stores.</summary>
internal sealed class BurstPart : Part
{
    private static readonly int WarmUp = Scale.Of(100);
    private static readonly int ChainDevices = Scale.Of(300);
    private const double Allowed = 0.85;
    private static readonly int[] Sizes = [Scale.Of(500), Scale.Of(2000), Scale.Of(5000)];
    private static readonly string[] Stores = ["PostgreSQL", "passwd Secret"];

    public override string Name => "burst";

    public override IReadOnlyList<Figure> Figures =>
    [
        .. Stores.SelectMany(static store => Sizes.Select(size => Rate(store, size)).Append(Flat(store))),
    ];

    public override async Task MeasureAsync(Bench bench, Measurements results)
    {
        Pod pod = await bench.OperatorAsync();
        BareChain chain = await bench.ChainAsync();
        await using DeviceWatch watch = await DeviceWatch.StartAsync(bench.Api, bench.Namespace);
        var load = new DeviceLoad(bench.Api, watch, bench.Namespace);
        await chain.CreateAsync(DeviceLoad.Names(bench.Prefix(), WarmUp), Bench.Workers);
        var lines = new List<PlotLine>();
        foreach (string store in Stores)
        {
            await load.CreateAsync(
                await BackendsAsync(bench, store, WarmUp), DeviceLoad.Names(bench.Prefix(), WarmUp), Bench.Workers);
            (List<(double, double)> rates, List<(double, double)> limits) = ([], []);
            double before = await ChainRateAsync();
            foreach (int size in Sizes)
            {
                string[] backends = await BackendsAsync(bench, store, size);
                await pod.QuietAsync();
                LoadTimes burst = await load.CreateAsync(
                    backends, DeviceLoad.Names(bench.Prefix(), size), Bench.Workers);
                double after = await ChainRateAsync();
                double limit = (before + after) / 2;
                rates.Add((size, burst.Rate));
                limits.Add((size, limit));
                results.Add(
                    Rate(store, size), burst.Rate, limit,
                    $"limit: the same writes by a bare client, {ChainDevices} before ({before:0.0}/s) and after "
                    + $"({after:0.0}/s); p50 {Statistics.Median(burst.Milliseconds) / 1000:0.0} s"
                    + (backends.Length > 1 ? $"; in {backends.Length} Secrets, which hold 1 MB each" : ""));
                before = after;
            }

            results.Add(
                Flat(store), rates.Min(static one => one.Item2), rates.Max(static one => one.Item2),
                "limit: the highest rate");
            lines.Add(new PlotLine(store, rates));
            lines.Add(new PlotLine($"bare client ({store})", limits));
        }

        results.Draw(new Plot(
            "burst", "Devices made Ready a second, by the size of the burst", "devices at once", "devices a second",
            lines));

        async Task<double> ChainRateAsync()
        {
            await pod.QuietAsync();
            return (await chain.CreateAsync(DeviceLoad.Names(bench.Prefix(), ChainDevices), Bench.Workers)).Rate;
        }
    }

    private static async Task<string[]> BackendsAsync(Bench bench, string store, int devices) =>
        store == Stores[0] ? [await bench.SqlAsync()] : await bench.PasswdSecretsAsync(devices);

    private static Figure Rate(string store, int size) => new(
        $"burst of {size:N0} on {store}, work factor 4", "/s", Target.AtLeastTimes(Allowed));

    private static Figure Flat(string store) => new(
        $"lowest rate of these bursts on {store}", "/s", Target.AtLeastTimes(Allowed));
}
