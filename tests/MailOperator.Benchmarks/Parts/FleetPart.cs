using System.Diagnostics;
using MailOperator.Api;
using MailOperator.Benchmarks.Bed;
using MailOperator.Benchmarks.Figures;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.Benchmarks.Parts;

/// <summary>An operator with ten thousand devices: its memory, a restart, and doing nothing.</summary>
internal sealed class FleetPart : Part
{
    private static readonly int Devices = Scale.Of(10_000);

    private static readonly TimeSpan Steady = TimeSpan.FromMinutes(2);

    private static readonly Figure Memory = new($"RSS with {Devices:N0} devices", "MB", Target.AtMost(180));

    private static readonly Figure MemoryAfter = new(
        $"RSS with {Devices:N0} devices after a restart", "MB", Target.AtMost(180));

    private static readonly Figure First = new(
        "restart: until a user's change is served", "s", Target.AtMost(3));

    private static readonly Figure Synced = new("restart: until each device was looked at", "s", Target.AtMost(20));

    private static readonly Figure Reads = new(
        "restart: calls but lists, watches and leases", "", Target.AtMost(0));

    private static readonly Figure Calls = new("steady: calls a minute but leases", "", Target.AtMost(0));
    private static readonly Figure Writes = new("steady: rows written a minute at the store", "", Target.AtMost(0));
    private static readonly Figure Listings = new("steady: listings a minute at the store", "", Target.AtMost(1));
    private static readonly Figure Computing = new("steady: computing, of a core", "%", Target.AtMost(1));

    private static readonly Figure Resync = new(
        "resync: calls but lists, watches and leases", "", Target.AtMost(0));

    public override string Name => "fleet";

    public override IReadOnlyList<Figure> Figures =>
        [Memory, MemoryAfter, First, Synced, Reads, Calls, Writes, Listings, Computing, Resync];

    public override async Task MeasureAsync(Bench bench, Measurements results)
    {
        string backend = await bench.SqlAsync();
        Pod pod = await bench.OperatorAsync();
        await using DeviceWatch watch = await DeviceWatch.StartAsync(bench.Api, bench.Namespace);
        var load = new DeviceLoad(bench.Api, watch, bench.Namespace);
        var restarts = new List<(double, double)> { await RestartAsync(bench) };
        pod = await bench.OperatorAsync();
        var memory = new List<(double, double)> { (await CountAsync(bench), await pod.SettledMegabytesAsync()) };
        while (await CountAsync(bench) is var present && present < Devices)
        {
            await load.CreateAsync(
                backend, DeviceLoad.Names(bench.Prefix(), Math.Min(2500, Devices - present)), Bench.Workers);
            memory.Add((await CountAsync(bench), await pod.SettledMegabytesAsync()));
        }

        int devices = await CountAsync(bench);
        results.Add(Memory, memory[^1].Item2, note: $"{devices} devices");
        results.Draw(new Plot(
            "memory", "Memory by the number of devices", "devices", "RSS in MB", [new PlotLine("operator", memory)]));

        restarts.Add((devices, await RestartAsync(bench, results, load, backend, devices)));
        results.Draw(new Plot(
            "restart", "Time of a restart by the number of devices", "devices",
            "s until each was looked at", [new PlotLine("operator", restarts)]));
        await SteadyAsync(bench, results);
        await ResyncAsync(bench, results, devices);
    }

    private static async Task<(double Devices, double Seconds)> RestartAsync(Bench bench)
    {
        int devices = await CountAsync(bench);
        Pod pod = await bench.RestartOperatorAsync();
        await pod.ReadyAsync();
        await LookedAtAsync(pod, devices);
        return (devices, Stopwatch.GetElapsedTime(pod.Started).TotalSeconds);
    }

    private static async Task<double> RestartAsync(
        Bench bench, Measurements results, DeviceLoad load, string backend, int devices)
    {
        await bench.StopOperatorAsync();
        string name = $"{bench.Prefix()}after-restart";
        long since = AuditLog.Position;
        Task<LoadTimes> change = load.CreateAsync(backend, [name], atOnce: 1);
        long start = Stopwatch.GetTimestamp();
        Pod pod = await bench.RestartOperatorAsync();
        Task<double> served = change.ContinueWith(
            _ => Stopwatch.GetElapsedTime(start).TotalSeconds, CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        await pod.ReadyAsync();
        await LookedAtAsync(pod, devices);
        double synced = Stopwatch.GetElapsedTime(start).TotalSeconds;
        results.Add(
            First, await served,
            note: $"created before the start; ready after {pod.ReadyAfter.TotalSeconds:0.0} s");
        results.Add(Synced, synced, note: $"{devices} devices, by the operator's metrics");
        results.Add(MemoryAfter, await pod.SettledMegabytesAsync());
        Add(results, Reads, since, 1, request =>
            request.Verb is not ("list" or "watch") && request.Name != name && !IsEventOf(request, name));
        return synced;
    }

    private static async Task SteadyAsync(Bench bench, Measurements results)
    {
        Pod pod = await bench.OperatorAsync();
        await pod.QuietAsync();
        double minutes = Steady.TotalMinutes;
        (long since, double cpu, long start) = (AuditLog.Position, pod.CpuSeconds, Stopwatch.GetTimestamp());
        (long written, long listed) = await StoreAsync();
        await Task.Delay(Steady, TimeProvider.System);
        double computed = (pod.CpuSeconds - cpu) / Stopwatch.GetElapsedTime(start).TotalSeconds * 100;
        (long writtenAfter, long listedAfter) = await StoreAsync();
        Add(results, Calls, since, minutes, static request => !IsPasswdFile(request));
        results.Add(Writes, (writtenAfter - written) / minutes);
        double reads = AuditLog.Requests(since).Where(IsPasswdFile).CountBy(static request => request.Name)
            .Select(static secret => secret.Value).DefaultIfEmpty().Max();
        double scans = (listedAfter - listed) / (double)bench.SqlStores;
        results.Add(
            Listings, Math.Max(0, Math.Max(scans, reads) - 1) / minutes,
            note: $"without the first, as a period may begin with the window; in {minutes:0} minutes {scans:0.#} scans "
            + $"of the table for each MailBackend on it, and {reads:0} reads of a passwd Secret at most");
        results.Add(Computing, computed);
    }

    private static async Task ResyncAsync(Bench bench, Measurements results, int devices)
    {
        await bench.StopOperatorAsync();
        // Long enough for the first look, which is not a resync.
        Pod pod = await bench.StartOperatorAsync(
            bench.Account, new Dictionary<string, string> { ["MAIL_OPERATOR_ResyncInterval"] = "00:01:00" });
        await using (pod)
        {
            await pod.ReadyAsync();
            await LookedAtAsync(pod, devices);
            long since = AuditLog.Position;
            double before = await pod.LooksAsync();
            await LookedAtAsync(pod, before + devices);
            Add(results, Resync, since, 1, static request => request.Verb is not ("list" or "watch"));
        }
    }

    private static void Add(
        Measurements results, Figure figure, long since, double minutes, Func<AuditedRequest, bool> isCounted)
    {
        AuditedRequest[] all = [.. AuditLog.Requests(since).Where(static one => one.Resource != "leases")];
        AuditedRequest[] counted = [.. all.Where(isCounted)];
        results.Add(figure, counted.Length / minutes, note: Words(counted, all));
    }

    /// <summary>What was made, and of what was counted the objects, if they are few.</summary>
    private static string Words(AuditedRequest[] counted, AuditedRequest[] all)
    {
        string kinds = string.Join(", ", all
            .GroupBy(static request => $"{request.Verb} {request.Resource} {request.Code}")
            .Select(static group => $"{group.Count()} {group.Key}"));
        string[] names = [.. counted.Select(static request => $"{request.Resource} {request.Name}").Distinct()];
        return names.Length is > 0 and <= 6 ? $"{kinds}; counted: {string.Join(", ", names)}" : kinds;
    }

    // Reading it is the listing of a store.
    private static bool IsPasswdFile(AuditedRequest request) =>
        request is { Verb: "get", Resource: "secrets" }
        && request.Name.StartsWith(Bench.PasswdSecret, StringComparison.Ordinal);

    private static bool IsEventOf(AuditedRequest request, string name) =>
        request.Resource == "events"
        && (request.Name.Length == 0 || request.Name.StartsWith(name, StringComparison.Ordinal));

    private static async Task LookedAtAsync(Pod pod, double looks)
    {
        long start = Stopwatch.GetTimestamp();
        while (await pod.LooksAsync() < looks || await pod.QueuedAsync() > 0)
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromMinutes(4))
            {
                throw new TimeoutException($"{await pod.LooksAsync()} of {looks} looks at devices after 4 minutes.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    private static async Task<(long Written, long Listed)> StoreAsync()
    {
        string[] numbers = (await (await Bench.DatabaseAsync()).AdminAsync(
            "SELECT pg_stat_clear_snapshot(); SELECT n_tup_ins + n_tup_upd + n_tup_del, "
            + "seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relname = 'mail_app_passwords'"))
            .Trim().Split('\n')[^1].Split('|');
        return (long.Parse(numbers[0]), long.Parse(numbers[1]));
    }

    private static async Task<int> CountAsync(Bench bench) =>
        (await bench.Cluster.ListAsync(ApiGroup.MailDevices)).Count;
}
