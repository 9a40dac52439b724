using System.Collections.Concurrent;
using System.Diagnostics;

namespace MailOperator.Benchmarks.Bed;

/// <summary>
/// A client without logic that makes the writes of each operation one after another: the limit that an operator can
/// come near to, on this API server. The first write of each is the user's own; <see cref="OwnMilliseconds"/> is the
/// rest.
/// </summary>
internal sealed class BareChain(BareApi api, ChainBodies bodies, string @namespace)
{
    private const string Finalizers = """[{"op":"remove","path":"/metadata/finalizers"}]""";

    private readonly ConcurrentDictionary<string, Written> _devices = new();
    private readonly ConcurrentBag<double> _own = [];

    private string Devices => $"/apis/{ChainKind.ApiVersion}/namespaces/{@namespace}/maildevices";

    private string Secrets => $"/api/v1/namespaces/{@namespace}/secrets";

    private string Events => $"/api/v1/namespaces/{@namespace}/events";

    /// <summary>Of each operation so far without the user's own write.</summary>
    public IReadOnlyCollection<double> OwnMilliseconds => _own;

    /// <summary>Create; finalizer, Secret, status, event.</summary>
    public Task<LoadTimes> CreateAsync(IReadOnlyList<string> names, int atOnce) => RunAsync(names, atOnce, async name =>
    {
        Written device = await SendAsync(HttpMethod.Post, Devices, bodies.Create(name));
        long own = Stopwatch.GetTimestamp();
        device = await SendAsync(
            HttpMethod.Patch, $"{Devices}/{name}", bodies.Finalizer(name, device), BareApi.Merge);
        await SendAsync(HttpMethod.Post, Secrets, bodies.Secret(name, device));
        _devices[name] = await SendAsync(
            HttpMethod.Patch, $"{Devices}/{name}/status", bodies.Status(name, device), BareApi.Patch);
        await SendAsync(HttpMethod.Post, Events, bodies.Event(name, device, "created"));
        _own.Add(Stopwatch.GetElapsedTime(own).TotalMilliseconds);
    });

    /// <summary>As controllers usually do: create; GET, PUT with the finalizer, Secret, PUT of the status.</summary>
    public Task<LoadTimes> CreateWithPutsAsync(IReadOnlyList<string> names, int atOnce) =>
        RunAsync(names, atOnce, async name =>
        {
            await SendAsync(HttpMethod.Post, Devices, bodies.Create(name));
            Written device = Written.From(await api.SendAsync(HttpMethod.Get, $"{Devices}/{name}"));
            device = await SendAsync(HttpMethod.Put, $"{Devices}/{name}", bodies.Replace(name, device));
            await SendAsync(HttpMethod.Post, Secrets, bodies.Secret(name, device));
            _devices[name] = await SendAsync(
                HttpMethod.Put, $"{Devices}/{name}/status", bodies.Replace(name, device));
        });

    /// <summary>Annotation; Secret, status, event. They must have been created.</summary>
    public Task<LoadTimes> RotateAsync(IReadOnlyList<string> names, int atOnce, string token) =>
        RunAsync(names, atOnce, async name =>
        {
            Written device = await SendAsync(
                HttpMethod.Patch, $"{Devices}/{name}",
                DeviceLoad.Rotation(token), BareApi.Merge);
            await SendAsync(HttpMethod.Patch, $"{Secrets}/{name}", bodies.Secret(name, device), BareApi.Merge);
            _devices[name] = await SendAsync(
                HttpMethod.Patch, $"{Devices}/{name}/status",
                bodies.Status(name, device).Replace(
                    "\"conditions\"", $"\"lastHandledRotation\":\"{token}\",\"conditions\"",
                    StringComparison.Ordinal),
                BareApi.Patch);
            await SendAsync(HttpMethod.Post, Events, bodies.Event(name, device, token));
        });

    /// <summary>Delete; Secret, finalizer, event. They must have been created.</summary>
    public Task<LoadTimes> DeleteAsync(IReadOnlyList<string> names, int atOnce) => RunAsync(names, atOnce, async name =>
    {
        await api.SendAsync(HttpMethod.Delete, $"{Devices}/{name}");
        await api.SendAsync(HttpMethod.Delete, $"{Secrets}/{name}");
        await api.SendAsync(HttpMethod.Patch, $"{Devices}/{name}", Finalizers, BareApi.Patch);
        await SendAsync(HttpMethod.Post, Events, bodies.Event(name, _devices[name], "deleted"));
    });

    private static async Task<LoadTimes> RunAsync(IReadOnlyList<string> names, int atOnce, Func<string, Task> act)
    {
        var times = new ConcurrentBag<double>();
        long start = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            names, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (name, _) =>
            {
                long begun = Stopwatch.GetTimestamp();
                await act(name);
                times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            });
        return new LoadTimes(Stopwatch.GetElapsedTime(start), [.. times]);
    }

    private async Task<Written> SendAsync(HttpMethod method, string path, string body, string type = BareApi.Json) =>
        Written.From(await api.SendAsync(method, path, body, type));
}
