using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>A mail system that accepts connections and never answers must not delay the devices of another.</summary>
[Trait(RunsTrait.Name, RunsTrait.Alone)]
public sealed class IsolationTests(ITestOutputHelper output) : OperatorTest
{
    private const int Devices = 1000;
    private const int Samples = 200;

    // Five servers on two cores need this much now and then, even if idle.
    private static readonly TimeSpan MachineNoise = TimeSpan.FromMilliseconds(100);

    private readonly string _name = Guid.NewGuid().ToString("N")[..8];

    [Fact]
    public async Task OneBackendBlackHoled_With1000Devices_DoesNotSlowAnother()
    {
        // Mutants: no limit of concurrent calls, so that every worker waits for the dead server; no circuit breaker, so
        // that three quarters of them always do; workers that wait for their turn.
        // Uses a database, which answers immediately: a delay of the backend itself would hide the effect.
        DatabaseServer database = await DatabaseServer.GetAsync("postgresql");
        await SqlBackends.CreateSecretAsync(Cluster, $"good-{_name}", database.OperatorPassword);
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", SqlBackends.Yaml($"good-{_name}", database, Bed.Dovecot));
        await MeasureAsync("warm", 20);
        (TimeSpan median, TimeSpan p99) before = await MeasureAsync("before", Samples);
        using var hole = new TcpListener(IPAddress.Loopback, 0);
        hole.Start(backlog: 512); // only the kernel accepts connections
        await DigHoleAsync(((IPEndPoint)hole.LocalEndpoint).Port);

        (TimeSpan median, TimeSpan p99) with = await MeasureAsync("with", Samples);

        output.WriteLine(
            $"apply to Ready at another backend, {Samples} times: p50 {before.median.TotalMilliseconds:F0} ms, "
            + $"p99 {before.p99.TotalMilliseconds:F0} ms; "
            + $"with {Devices} devices at a black hole p50 {with.median.TotalMilliseconds:F0} ms "
            + $"({with.median / before.median:F2} times), "
            + $"p99 {with.p99.TotalMilliseconds:F0} ms ({with.p99 / before.p99:F2} times)");
        Assert.True(with.p99 <= (before.p99 * 1.1) + MachineNoise, $"p99 went from {before.p99} to {with.p99}.");
    }

    private async Task DigHoleAsync(int port)
    {
        string backend = $"hole-{_name}";
        await SqlBackends.CreateSecretAsync(Cluster, backend, "never asked for");
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", $$"""
            metadata: {name: {{backend}}}
            spec:
              sql:
                engine: PostgreSQL
                host: 127.0.0.1
                port: {{port}}
                database: mail
                credentialsSecret: {name: {{backend}}}
                tls: Disabled
              client:
                imap: {host: 127.0.0.1, port: 143, security: None}
              grants:
              - mailboxes: ["*@example.com"]
            """);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Devices), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, _) =>
                await Cluster.CreateDeviceAsync(
                    Namespace, $"hole{number}",
                    $"{{mailbox: hole{number}@example.com, backendRef: {{name: {backend}}}}}"));
        for (int number = 0; number < Devices; number++)
        {
            await Bed.WaitForDeviceAsync(
                Key($"hole{number}"), "Ready", "False", Reasons.BackendUnavailable, limit: TimeSpan.FromSeconds(90));
        }
    }

    private async Task<(TimeSpan Median, TimeSpan P99)> MeasureAsync(string prefix, int count)
    {
        var times = new List<TimeSpan>();
        for (int number = 0; number < count; number++)
        {
            string name = $"{prefix}{number}";
            var clock = Stopwatch.StartNew();
            await Cluster.CreateDeviceAsync(
                Namespace, name, $"{{mailbox: {name}@example.com, backendRef: {{name: good-{_name}}}}}");
            await Bed.WaitForDeviceAsync(Key(name), "Ready", "True");
            times.Add(clock.Elapsed);
        }

        times.Sort();
        return (times[count / 2], times[count * 99 / 100]);
    }
}
