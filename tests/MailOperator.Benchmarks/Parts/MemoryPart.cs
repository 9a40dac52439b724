using MailOperator.Benchmarks.Bed;
using MailOperator.Benchmarks.Figures;

namespace MailOperator.Benchmarks.Parts;

/// <summary>Memory of processes that have nothing to do. It runs first, while there is no device.</summary>
internal sealed class MemoryPart : Part
{
    private static readonly int Secrets = Scale.Of(30_000);
    private static readonly int Few = Scale.Of(1000);
    private const int AtOnce = 16;

    private static readonly Figure Idle = new("RSS of the operator, idle", "MB", Target.AtMost(90));
    private static readonly Figure Portal = new("RSS of the portal, idle", "MB", Target.AtMost(80));

    private static readonly Figure Foreign = new(
        $"RSS more for {Secrets:N0} Secrets of others", "MB", Target.AtMost(2));

    public override string Name => "memory";

    private const int PerDeletion = 1000; // the API server gives a request a minute

    public override IReadOnlyList<Figure> Figures => [Idle, Portal, Foreign];

    public override async Task MeasureAsync(Bench bench, Measurements results)
    {
        int devices = (await bench.Cluster.ListAsync(MailOperator.Api.ApiGroup.MailDevices)).Count;
        Pod pod = await bench.RestartOperatorAsync();
        await pod.ReadyAsync();
        double idle = await pod.SettledMegabytesAsync();
        results.Add(Idle, idle, note: $"{devices} devices");
        await using (Pod portal = await bench.StartPortalAsync())
        {
            results.Add(Portal, await portal.SettledMegabytesAsync());
        }

        string @namespace = await bench.Cluster.NewNamespaceAsync("foreign");
        string path = $"/api/v1/namespaces/{@namespace}/secrets";
        await CreateAsync(bench.Api, path, 0, Few); // it compiles what it does with the first
        double few = await pod.SettledMegabytesAsync();
        await CreateAsync(bench.Api, path, Few, Secrets);
        double seen = await pod.SettledMegabytesAsync() - few;
        pod = await bench.RestartOperatorAsync();
        await pod.ReadyAsync();
        double started = await pod.SettledMegabytesAsync() - idle;
        results.Add(
            Foreign, Math.Max(seen, started),
            note: $"1 kB each; {seen:0.0} from the {Few:N0}th on as they are created, "
            + $"{started:0.0} after a restart");
        for (int left = Secrets; left > 0; left -= PerDeletion)
        {
            await bench.Api.SendAsync(HttpMethod.Delete, $"{path}?limit={PerDeletion}");
        }
    }

    private static Task CreateAsync(BareApi api, string path, int first, int end)
    {
        string text = new('x', 1000);
        return Parallel.ForEachAsync(
            Enumerable.Range(first, end - first), new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (number, stop) => await api.SendAsync(
                HttpMethod.Post, path,
                $$$"""{"metadata":{"name":"foreign-{{{number}}}"},"stringData":{"text":"{{{text}}}"} }""", stop: stop));
    }
}
