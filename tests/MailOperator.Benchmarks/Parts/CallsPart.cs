using MailOperator.Benchmarks.Bed;
using MailOperator.Benchmarks.Figures;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.Benchmarks.Parts;

/// <summary>What an operation costs the API server, counted in its audit log.</summary>
internal sealed class CallsPart : Part
{
    private static readonly int Devices = Scale.Of(50);
    private const int AtOnce = 8;

    private static readonly Figure Create = new("API calls for a new device", "", Target.AtMost(4));
    private static readonly Figure Rotate = new("API calls for a rotation", "", Target.AtMost(3));
    private static readonly Figure Nothing = new("API calls for a pass without a change", "", Target.AtMost(0));
    private static readonly Figure Delete = new("API calls for a deletion", "", Target.AtMost(3));

    public override string Name => "calls";

    public override IReadOnlyList<Figure> Figures => [Create, Rotate, Nothing, Delete];

    public override async Task MeasureAsync(Bench bench, Measurements results)
    {
        string backend = await bench.SqlAsync();
        Pod pod = await bench.OperatorAsync();
        await using DeviceWatch watch = await DeviceWatch.StartAsync(bench.Api, bench.Namespace);
        var load = new DeviceLoad(bench.Api, watch, bench.Namespace);
        string[] names = DeviceLoad.Names(bench.Prefix(), Devices);

        await CountAsync(Create, () => load.CreateAsync(backend, names, AtOnce));
        await CountAsync(Rotate, () => load.RotateAsync("now", names, AtOnce));
        await CountAsync(Nothing, () => Parallel.ForEachAsync(names, async (name, stop) => await bench.Api.SendAsync(
            HttpMethod.Patch, $"/apis/mailoperator.io/v1alpha1/namespaces/{bench.Namespace}/maildevices/{name}",
            """{"metadata":{"labels":{"example.com/of-no-account":"1"}}}""", BareApi.Merge, stop)));
        await CountAsync(Delete, () => load.DeleteAsync(names, AtOnce));

        async Task CountAsync(Figure figure, Func<Task> act)
        {
            await pod.QuietAsync();
            long since = AuditLog.Position;
            await act();
            await pod.QuietAsync();
            AuditedRequest[] made =
                [.. AuditLog.Requests(since).Where(request => request.Namespace == bench.Namespace)];
            results.Add(figure, made.Length / (double)Devices, note: string.Join(", ", made
                .GroupBy(static request => $"{request.Verb} {request.Resource} {request.Code}")
                .Select(static group => $"{group.Count()} {group.Key}")));
        }
    }
}
