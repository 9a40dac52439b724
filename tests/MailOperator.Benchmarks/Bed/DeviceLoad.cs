using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace MailOperator.Benchmarks.Bed;

/// <summary>Does the same to many MailDevices, and waits until the operator has done its part for each.</summary>
internal sealed class DeviceLoad(BareApi api, DeviceWatch watch, string @namespace)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    private string Path => $"/apis/mailoperator.io/v1alpha1/namespaces/{@namespace}/maildevices";

    public static string[] Names(string prefix, int count, int first = 0) =>
        [.. Enumerable.Range(first, count).Select(number => $"{prefix}{number}")];

    /// <summary>Creates them and waits until each is Ready.</summary>
    /// <param name="backend">Their MailBackend.</param>
    /// <param name="names">The devices.</param>
    /// <param name="atOnce">How many are created at a time.</param>
    /// <param name="mailbox">One for all; null for one each.</param>
    public Task<LoadTimes> CreateAsync(
        string backend, IReadOnlyList<string> names, int atOnce, string? mailbox = null) => RunAsync(
        "Ready", names, atOnce, DeviceWatch.IsReady,
        name => api.SendAsync(HttpMethod.Post, Path, Body(name, backend, mailbox)));

    /// <summary>The same on several MailBackends, in turn.</summary>
    public Task<LoadTimes> CreateAsync(IReadOnlyList<string> backends, IReadOnlyList<string> names, int atOnce)
    {
        var backendOf = names.Select((name, index) => (name, backends[index % backends.Count])).ToDictionary();
        return RunAsync(
            "Ready", names, atOnce, DeviceWatch.IsReady,
            name => api.SendAsync(HttpMethod.Post, Path, Body(name, backendOf[name])));
    }

    public Task<LoadTimes> RotateAsync(string token, IReadOnlyList<string> names, int atOnce) => RunAsync(
        "rotated", names, atOnce, DeviceWatch.HasRotated(token), name => api.SendAsync(
            HttpMethod.Patch, $"{Path}/{name}",
            Rotation(token), BareApi.Merge));

    public Task<LoadTimes> DeleteAsync(IReadOnlyList<string> names, int atOnce) => RunAsync(
        "gone", names, atOnce, DeviceWatch.IsDeleted, name => api.SendAsync(HttpMethod.Delete, $"{Path}/{name}"));

    /// <summary>Creates one after another: the next when the one before is Ready.</summary>
    public async Task<LoadTimes> CreateOneByOneAsync(string backend, IReadOnlyList<string> names)
    {
        long start = Stopwatch.GetTimestamp();
        var times = new List<double>();
        foreach (string name in names)
        {
            times.AddRange((await CreateAsync(backend, [name], atOnce: 1)).Milliseconds);
        }

        return new LoadTimes(Stopwatch.GetElapsedTime(start), times);
    }

    public static string Body(string name, string backend, string? mailbox = null) => $$$"""
        {"apiVersion":"mailoperator.io/v1alpha1","kind":"MailDevice","metadata":{"name":"{{{name}}}"},
        "spec":{"mailbox":"{{{mailbox ?? $"{name}@example.com"}}}","backendRef":{"name":"{{{backend}}}"} } }
        """;

    /// <summary>The merge patch that asks for a rotation.</summary>
    public static string Rotation(string token) =>
        $$$"""{"metadata":{"annotations":{"mailoperator.io/rotate":"{{{token}}}"} } }""";

    private async Task<LoadTimes> RunAsync(
        string what, IReadOnlyList<string> names, int atOnce, Func<string, JsonElement, bool> isSeen,
        Func<string, Task> act)
    {
        Expectation all = watch.Expect(names, isSeen);
        var begun = new ConcurrentDictionary<string, long>();
        long start = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            names, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (name, _) =>
            {
                begun[name] = Stopwatch.GetTimestamp();
                await act(name);
            });
        await all.WaitAsync(what, Patience);
        return new LoadTimes(
            Stopwatch.GetElapsedTime(start, all.SeenAt.Values.Max()),
            [.. names.Select(name => Stopwatch.GetElapsedTime(begun[name], all.SeenAt[name]).TotalMilliseconds)]);
    }
}

/// <summary>How long it took.</summary>
/// <param name="Elapsed">From the first request to the last result.</param>
/// <param name="Milliseconds">Of each, from its request to its result.</param>
internal sealed record LoadTimes(TimeSpan Elapsed, IReadOnlyList<double> Milliseconds)
{
    /// <summary>How many a second.</summary>
    public double Rate => Milliseconds.Count / Elapsed.TotalSeconds;
}
