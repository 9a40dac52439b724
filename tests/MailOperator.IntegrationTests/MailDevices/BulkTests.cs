using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;
using MailOperator.Passwords;

namespace MailOperator.IntegrationTests.MailDevices;

[Trait(RunsTrait.Name, RunsTrait.Alone)]
public sealed class BulkTests(ITestOutputHelper output) : OperatorTest
{
    private const int Many = 200;

    [Fact]
    public async Task Bulk_200Devices_AllReadyNearTheSpeedOfBcryptAndARestartReadsNoSecretAndWritesNothing()
    {
        await Bed.HashAtDefaultCostAsync();
        double idle = Bed.Operator.ResidentMemory();
        TimeSpan limit = await BcryptTimeAsync(Many);
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Many), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, _) =>
                await Cluster.CreateDeviceAsync(Namespace, $"d{number}", $"{{mailbox: box{number % 20}@example.com}}"));
        await AllReadyAsync("d", Many);
        TimeSpan taken = clock.Elapsed;
        output.WriteLine(
            $"{Many} devices Ready in {taken.TotalSeconds:F1} s; bcrypt alone on both cores {limit.TotalSeconds:F1} s: "
            + $"{limit / taken:P0} of its limit. "
            + $"RSS {idle:F0} MiB before, {Bed.Operator.ResidentMemory():F0} MiB after.");

        await OthersHaveGoneAsync();
        await Bed.Operator.StopAsync();
        long position = AuditLog.Position;
        DateTime written = File.GetLastWriteTimeUtc(Bed.Dovecot.PasswdFile);
        Dictionary<string, string> versions = await VersionsAsync();
        await Bed.Operator.StartAsync();
        await SettledAsync();

        AuditedRequest[] writes =
            [.. AuditLog.Requests(position).Where(request => request.IsWrite && request.Resource != "leases")];
        Assert.True(writes.Length == 0, string.Join('\n', writes.AsEnumerable()));
        Assert.Equal(written, File.GetLastWriteTimeUtc(Bed.Dovecot.PasswdFile));
        Assert.Equal(versions, await VersionsAsync());
        // Mutant: a Secret that is read although the status proves that this version was checked.
        Assert.DoesNotContain(
            AuditLog.Requests(position),
            request => request.Namespace == Namespace && request is { Resource: "secrets", Verb: "get" });
    }

    [Fact]
    public async Task Create_OneAtATime_IsReadyOnceDovecotMustKnowIt()
    {
        const int Count = 40;
        await Bed.HashAtDefaultCostAsync();
        TimeSpan hash = await BcryptTimeAsync(8) / 8 * Environment.ProcessorCount;
        var times = new List<TimeSpan>();
        for (int number = 0; number < Count; number++)
        {
            var clock = Stopwatch.StartNew();
            await Cluster.CreateDeviceAsync(Namespace, $"single{number}", "{mailbox: single@example.com}");
            await Bed.WaitForDeviceAsync(Key($"single{number}"), "Ready", "True");
            times.Add(clock.Elapsed);
        }

        times.Sort();
        TimeSpan median = times[Count / 2];
        output.WriteLine(
            $"apply to Ready: p50 {median.TotalMilliseconds:F0} ms, p99 {times[^1].TotalMilliseconds:F0} ms; "
            + $"one hash alone {hash.TotalMilliseconds:F0} ms, {hash / median:P0} of the median.");
        // Dovecot checks its file once a second, and the Secret is written after that.
        Assert.True(median < TimeSpan.FromSeconds(2), $"The median was {median.TotalMilliseconds} ms.");
    }

    [Fact]
    public async Task Bulk_500DevicesIntoASecret_CostFarFewerWritesOfIt()
    {
        const int Count = 500;
        string backend = $"burst-{Guid.NewGuid().ToString("N")[..8]}";
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", TestBed.BackendYaml(
            backend, $"{{secret: {{namespace: {Namespace}, name: passwd}}}}", Bed.Dovecot));
        long position = AuditLog.Position;
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, _) =>
                await Cluster.CreateDeviceAsync(
                    Namespace, $"b{number}",
                    $"{{mailbox: burst{number}@example.com, backendRef: {{name: {backend}}}}}"));
        await AllReadyAsync("b", Count);

        IReadOnlyList<AuditedRequest> writes = [.. AuditLog.Requests(position)
            .Where(request => request is { IsWrite: true, Resource: "secrets", Name: "passwd" or "" })
            .Where(request => request.Name == "passwd")];
        output.WriteLine(
            $"{Count} devices Ready in {clock.Elapsed.TotalSeconds:F1} s (work factor 4) with {writes.Count} writes of "
            + "the passwd Secret.");
        Assert.InRange(writes.Count, 1, Count / 5);
        string text = (await Bed.SecretAsync(Key("passwd")))["app-passwords"];
        Assert.Equal(Count, text.Split('\n').Count(line => line.StartsWith("imap/", StringComparison.Ordinal)));
    }

    private static async Task<TimeSpan> BcryptTimeAsync(int count)
    {
        using var hasher = new PasswordHasher(Environment.ProcessorCount);
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, count).Select(async _ =>
        {
            using AppPassword password = PasswordGenerator.Generate(32, PasswordAlphabet.Alphanumeric);
            await hasher.HashAsync(password, PasswordHasher.DefaultWorkFactor, CancellationToken.None);
        }));
        return clock.Elapsed;
    }

    /// <summary>
    /// Polls one device after another until each is Ready, because listing all again and again would be the main load.
    /// </summary>
    private async Task AllReadyAsync(string prefix, int count)
    {
        for (int number = 0; number < count; number++)
        {
            await Bed.WaitForDeviceAsync(Key($"{prefix}{number}"), "Ready", "True", limit: TimeSpan.FromSeconds(120));
        }
    }

    /// <summary>Waits until the operator has looked at every device, as after each start, and is idle.</summary>
    private Task<TimeSpan> SettledAsync() =>
        Eventually.TrueAsync("the operator has looked at everything", TimeSpan.FromSeconds(60), async () =>
        {
            string[] metrics = (await Bed.Operator.MetricsAsync()).Split('\n');
            return metrics
                    .Where(static line => line.StartsWith(
                        "controller_runtime_reconcile_total{controller=\"maildevice\"", StringComparison.Ordinal))
                    .Sum(static line => double.Parse(line[line.LastIndexOf(' ')..], CultureInfo.InvariantCulture))
                    >= Many
                && metrics
                    .Where(static line => line.StartsWith("workqueue_depth", StringComparison.Ordinal))
                    .All(static line => line.EndsWith(" 0", StringComparison.Ordinal));
        });

    private async Task<Dictionary<string, string>> VersionsAsync()
    {
        IEnumerable<JsonObject> all = (await Cluster.ListAsync(ApiGroup.MailDevices, Namespace))
            .Concat(await Cluster.ListAsync(ResourceType.Secrets, Namespace));
        return all.ToDictionary(
            one => $"{one["metadata"]!["uid"]}", one => (string)one["metadata"]!["resourceVersion"]!);
    }
}
