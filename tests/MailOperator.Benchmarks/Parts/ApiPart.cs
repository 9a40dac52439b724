using k8s;
using MailOperator.Benchmarks.Bed;
using MailOperator.Benchmarks.Figures;

namespace MailOperator.Benchmarks.Parts;

/// <summary>Behind an API server that is slow or throttles: how the rate falls, and that nothing is lost.</summary>
internal sealed class ApiPart : Part
{
    private static readonly int Devices = Scale.Of(300);
    private static readonly int[] Delays = [0, 50, 200];
    private const int RefusedEvery = 5;

    private static readonly Figure Throttled = new(
        $"burst of {Devices}, every {RefusedEvery}th call refused with 429 and Retry-After of 1 s", "/s", Target.None);

    public override string Name => "api";

    public override IReadOnlyList<Figure> Figures => [.. Delays.Select(Slow), Throttled];

    public override async Task MeasureAsync(Bench bench, Measurements results)
    {
        string backend = await bench.SqlAsync();
        await bench.StopOperatorAsync();
        await using ApiProxy proxy = await ApiProxy.StartAsync(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(Environment.GetEnvironmentVariable("KUBECONFIG")));
        ServiceAccountFiles account = bench.Account.At(proxy.Address, proxy.Authority, bench.Folder("slow"));
        await using Pod pod = await bench.StartOperatorAsync(account);
        await pod.ReadyAsync();
        await using DeviceWatch watch = await DeviceWatch.StartAsync(bench.Api, bench.Namespace);
        var load = new DeviceLoad(bench.Api, watch, bench.Namespace);
        await load.CreateAsync(backend, DeviceLoad.Names(bench.Prefix(), Devices), Bench.Workers);
        var rates = new List<(double, double)>();
        foreach (int delay in Delays)
        {
            proxy.Delay = TimeSpan.FromMilliseconds(delay);
            LoadTimes burst = await BurstAsync();
            rates.Add((delay, burst.Rate));
            results.Add(
                Slow(delay), burst.Rate,
                note: $"p50 {Statistics.Median(burst.Milliseconds):0} ms; created past the proxy, which computes too");
        }

        results.Draw(new Plot(
            "api-latency", "Devices made Ready a second, by the latency of the API server", "ms more for each call",
            "devices a second", [new PlotLine($"burst of {Devices}", rates)]));
        proxy.Delay = TimeSpan.Zero;
        proxy.RefuseEvery = RefusedEvery;
        LoadTimes refused = await BurstAsync();
        results.Add(
            Throttled, refused.Rate,
            note: $"all became Ready, p99 {Statistics.Percentile(refused.Milliseconds, 99) / 1000:0.0} s");

        async Task<LoadTimes> BurstAsync()
        {
            await pod.QuietAsync();
            return await load.CreateAsync(backend, DeviceLoad.Names(bench.Prefix(), Devices), Bench.Workers);
        }
    }

    private static Figure Slow(int delay) => new(
        $"burst of {Devices}, API server {delay} ms slower a call", "/s", Target.None);
}
