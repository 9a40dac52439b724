using System.Diagnostics;
using MailOperator.Api;
using MailOperator.Benchmarks.Bed;
using MailOperator.Benchmarks.Figures;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.Benchmarks.Parts;

/// <summary>A login (IMAP) to a mailbox of many devices beside one to a mailbox of one, with each driver.</summary>
internal sealed class LoginPart : Part
{
    private const double MaxCost = 1.05;
    private const int Tries = 40;
    private static readonly int[] Counts = [1, Scale.Of(100), Scale.Of(1000)];
    private static readonly string[] Stores = ["passwd-file", "PostgreSQL", "MariaDB", "OpenLDAP"];

    public override string Name => "login";

    public override IReadOnlyList<Figure> Figures => [.. Stores.Select(Cost)];

    public override async Task MeasureAsync(Bench bench, Measurements results)
    {
        await bench.OperatorAsync();
        var lines = new List<PlotLine>();
        foreach (string store in Stores)
        {
            await using DovecotServer dovecot = await StartAsync(bench, store);
            double[] times = await MeasureAsync(bench, BackendOf(store), dovecot.ImapPort);
            results.Add(
                Cost(store), times[^1], times[0],
                $"limit: a mailbox of one device; {string.Join(", ", Counts.Zip(times).Select(static one =>
                    $"{one.First}: {one.Second:0.0} ms"))}; medians of {Tries}, in turn");
            lines.Add(new PlotLine(
                store, [.. Counts.Zip(times).Select(static one => ((double)one.First, one.Second))]));
        }

        results.Draw(new Plot(
            "login", "A login by the number of devices of the mailbox", "devices of the mailbox", "ms", lines));
    }

    private static Figure Cost(string store) => new(
        $"login to a mailbox of {Counts[^1]:N0} devices, {store} and Dovecot", "ms", Target.AtMostTimes(MaxCost));

    private static string BackendOf(string store) => $"login-{store.ToLowerInvariant()}";

    /// <summary>Starts a Dovecot on the store, and creates the MailBackend.</summary>
    private static async Task<DovecotServer> StartAsync(Bench bench, string store)
    {
        string folder = bench.Folder(BackendOf(store));
        string name = BackendOf(store);
        if (store == "passwd-file")
        {
            DovecotServer alone = await DovecotServer.StartAsync(folder);
            await bench.Cluster.CreateAsync(
                ApiGroup.MailBackends, "", TestBed.BackendYaml(name, $"{{path: {alone.PasswdFile}}}", alone));
            return alone;
        }

        (ILookupServer server, string address) = store switch
        {
            "OpenLDAP" => await DirectoryServer.GetAsync() is var directory ? (directory, directory.Address) : default,
            "MariaDB" => await DatabaseServer.GetAsync("mariadb") is var maria ? (maria, maria.Address) : default,
            _ => await Bench.DatabaseAsync() is var postgres ? ((ILookupServer)postgres, postgres.Address) : default,
        };
        DovecotServer dovecot = await DovecotServer.StartAsync(folder, database: address);
        await server.CreateSecretAsync(bench.Cluster, name, server.OperatorPassword);
        await bench.Cluster.CreateAsync(ApiGroup.MailBackends, "", server.BackendYaml(name, dovecot));
        return dovecot;
    }

    private static async Task<double[]> MeasureAsync(Bench bench, string backend, int port)
    {
        await using DeviceWatch watch = await DeviceWatch.StartAsync(bench.Api, bench.Namespace);
        var load = new DeviceLoad(bench.Api, watch, bench.Namespace);
        var secrets = new List<DeviceSecret>();
        foreach (int count in Counts)
        {
            string[] names = DeviceLoad.Names(bench.Prefix(), count);
            await load.CreateAsync(backend, names, Bench.Workers, mailbox: $"{backend}-{count}@example.com");
            // The last, which a server that tries them in turn reaches last.
            secrets.Add(new DeviceSecret((await bench.Cluster.FindAsync(
                ResourceType.Secrets, new ObjectKey(bench.Namespace, names[^1])))!));
        }

        var times = Counts.Select(static _ => new List<double>()).ToArray();
        for (int round = -5; round < Tries; round++) // the first warm up
        {
            for (int index = 0; index < Counts.Length; index++)
            {
                long start = Stopwatch.GetTimestamp();
                if (!await MailLogin.ImapAsync(port, secrets[index]["username"], secrets[index]["password"]))
                {
                    throw new InvalidOperationException($"A login with {Counts[index]} devices was refused.");
                }

                if (round >= 0)
                {
                    times[index].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            }
        }

        return [.. times.Select(static one => Statistics.Median(one))];
    }
}
