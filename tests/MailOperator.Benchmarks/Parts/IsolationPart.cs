using System.Net;
using System.Net.Sockets;
using MailOperator.Api;
using MailOperator.Benchmarks.Bed;
using MailOperator.Benchmarks.Figures;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.Benchmarks.Parts;

/// <summary>What devices of a backend that accepts connections and never answers cost those of another.</summary>
internal sealed class IsolationPart : Part
{
    private static readonly int Samples = Scale.Of(200);
    private static readonly int[] Hanging = [1, Scale.Of(1000)];

    public override string Name => "isolation";

    public override IReadOnlyList<Figure> Figures => [.. Hanging.Select(Beside)];

    public override async Task MeasureAsync(Bench bench, Measurements results)
    {
        string backend = await bench.SqlAsync();
        Pod pod = await bench.OperatorAsync();
        await using DeviceWatch watch = await DeviceWatch.StartAsync(bench.Api, bench.Namespace);
        var load = new DeviceLoad(bench.Api, watch, bench.Namespace);
        await load.CreateAsync(backend, DeviceLoad.Names(bench.Prefix(), Scale.Of(100)), Bench.Workers);
        using var hole = new TcpListener(IPAddress.Loopback, 0);
        hole.Start(backlog: 512); // only the kernel accepts connections
        await SqlBackends.CreateSecretAsync(bench.Cluster, "hole", "never asked for");
        await bench.Cluster.CreateAsync(ApiGroup.MailBackends, "", BackendYaml.Sql(
            "hole", await Bench.DatabaseAsync(), workFactor: 4, ((IPEndPoint)hole.LocalEndpoint).Port));
        int hanging = 0;
        foreach (int count in Hanging)
        {
            await pod.QuietAsync();
            // Without them, as near in time as possible: only the first has none at all.
            LoadTimes before = await OthersAsync();
            string[] names = DeviceLoad.Names(bench.Prefix(), count - hanging);
            await Parallel.ForEachAsync(names, async (name, stop) => await bench.Api.SendAsync(
                HttpMethod.Post, $"/apis/mailoperator.io/v1alpha1/namespaces/{bench.Namespace}/maildevices",
                DeviceLoad.Body(name, "hole"), stop: stop));
            hanging = count;
            LoadTimes beside = await OthersAsync();
            results.Add(
                Beside(count), Statistics.Percentile(beside.Milliseconds, 99),
                Statistics.Percentile(before.Milliseconds, 99),
                $"limit: p99 before; p50 {Statistics.Median(beside.Milliseconds):0.0}, before "
                + $"{Statistics.Median(before.Milliseconds):0.0} ms; {Samples} each");
        }

        Task<LoadTimes> OthersAsync() =>
            load.CreateOneByOneAsync(backend, DeviceLoad.Names(bench.Prefix(), Samples));
    }

    private static Figure Beside(int count) => new(
        $"p99 of others beside {(count == 1 ? "one device that hangs" : $"{count:N0} devices of a black hole")}", "ms",
        Target.AtMostTimes(1.1));
}
