using System.Diagnostics;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>What one tenant does to its own Secrets makes nobody else wait.</summary>
public sealed class FairnessTests(ITestOutputHelper output) : OperatorTest
{
    private const int Tampered = 40;
    private const int Own = 16;
    private const int Rounds = 2;

    /// <summary>
    /// Dovecot checks its file once a second, and a password is handed out only then. So a re-issue takes up to a
    /// second longer or shorter by chance alone, and the machine of the tests has two cores for everything.
    /// </summary>
    private static readonly TimeSpan Noise = TimeSpan.FromSeconds(1);

    private readonly string _backend = $"fair-{Guid.NewGuid().ToString("N")[..8]}";

    [Fact, Trait(RunsTrait.Name, RunsTrait.Alone)]
    public async Task SecretsDeleted_MoreThanTheLimit_SayThatTheyWaitUntilTheyHaveOne()
    {
        // Mutant: the status stays as it was while a device waits. kubectl wait would succeed without a Secret.
        await OthersHaveGoneAsync();
        await CreateBackendAsync(perMinute: 12); // three a minute for the namespace, one at once
        string[] names = ["one", "two", "three"];
        await Task.WhenAll(names.Select(name => CreateAsync(Namespace, name)));

        foreach (string name in names)
        {
            await Cluster.DeleteAsync(ResourceType.Secrets, Key(name));
        }

        string[] states = [];
        await Eventually.TrueAsync("two of them wait, and say so", TimeSpan.FromSeconds(2), async () =>
        {
            states = await StatesAsync(names);
            return states.Count(static state => state == "False, no Secret") == 2;
        });
        string[] waiting = [.. names.Zip(states).Where(static one => one.Second == "False, no Secret")
            .Select(static one => one.First)];
        await Eventually.TrueAsync("all have one again", TimeSpan.FromMinutes(2), async () =>
        {
            Assert.DoesNotContain("True, no Secret", await StatesAsync(waiting));
            return (await StatesAsync(names)).All(static state => state == "True, Secret");
        });
    }

    [Fact, Trait(RunsTrait.Name, RunsTrait.Alone)]
    public async Task SecretsOfAnotherTenant_EditedInALoop_DelayNoReissue()
    {
        // Mutants: one budget for all namespaces; no budget of a device, so that each edit is a new password.
        await OthersHaveGoneAsync();
        await CreateBackendAsync(perMinute: 240); // one a second for a namespace, so that its share is not measured
        string other = await Cluster.NewNamespaceAsync("other");
        string folder = Directory.CreateTempSubdirectory("mo-tenant-").FullName;
        using Cluster tenant = await Tenant.JoinAsync(Cluster, other, folder);
        string[] tampered = [.. Enumerable.Range(0, Tampered).Select(static one => $"tampered-{one}")];
        string[] own = [.. Enumerable.Range(0, Own).Select(static one => $"own-{one}")];
        await Task.WhenAll([
            .. tampered.Select(name => CreateAsync(other, name)), .. own.Select(name => CreateAsync(Namespace, name)),
        ]);

        TimeSpan[] without = await MeasureAsync(own);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(TimeSpan.FromMinutes(3));
        Task<int> loop = EditAsync(tenant, other, tampered, stop.Token);
        TimeSpan[] with = await MeasureAsync(own);
        Assert.False(loop.IsCompleted, "The loop ended before the measurement.");
        await stop.CancelAsync();
        int edits = await loop;

        output.WriteLine($"re-issue without the loop: {Figures(without)}");
        output.WriteLine($"re-issue beside {edits} edits of {Tampered} Secrets: {Figures(with)}");
        await Cluster.DeleteAsync(ResourceType.Namespaces, new ObjectKey("", other));
        Directory.Delete(folder, recursive: true);
        Assert.True(edits > Tampered, $"There were only {edits} edits.");
        Assert.True(
            with[^1] <= (without[^1] * 1.1) + Noise,
            $"p99 without the loop {Figures(without)}, beside it {Figures(with)}");
    }

    private Task<JsonObject> CreateBackendAsync(int perMinute) => Cluster.CreateAsync(
        ApiGroup.MailBackends, "",
        TestBed.BackendYaml(_backend, $"{{path: {Bed.Dovecot.PasswdFile}}}", Bed.Dovecot)
        + $"\n  maxRotationsPerMinute: {perMinute}");

    private async Task CreateAsync(string @namespace, string name)
    {
        await Cluster.CreateDeviceAsync(
            @namespace, name, $"{{mailbox: {name}-{_backend}@example.com, backendRef: {{name: {_backend}}}}}");
        await Bed.WaitForDeviceAsync(
            new ObjectKey(@namespace, name), "Ready", "True", limit: TimeSpan.FromMinutes(2));
    }

    private async Task<string[]> StatesAsync(string[] names) => await Task.WhenAll(names.Select(async name =>
    {
        // The status first: the Secret comes back before the status says so.
        JsonObject device = (await Cluster.FindAsync(ApiGroup.MailDevices, Key(name)))!;
        bool hasSecret = await Cluster.FindAsync(ResourceType.Secrets, Key(name)) is not null;
        return $"{Status.Condition(device, "Ready")!["status"]}, {(hasSecret ? "Secret" : "no Secret")}";
    }));

    /// <summary>From the deletion of each Secret until there is another, in order of length.</summary>
    private async Task<TimeSpan[]> MeasureAsync(string[] names)
    {
        var times = new List<TimeSpan>();
        for (int round = 0; round < Rounds; round++)
        {
            foreach (string name in names)
            {
                string before = (await Bed.SecretAsync(Key(name))).ResourceVersion;
                var clock = Stopwatch.StartNew();
                await Cluster.DeleteAsync(ResourceType.Secrets, Key(name));
                await Eventually.GetAsync($"{name} has a Secret again", TimeSpan.FromMinutes(3), async () =>
                    await Cluster.FindAsync(ResourceType.Secrets, Key(name)) is { } secret
                    && (string)secret["metadata"]!["resourceVersion"]! != before
                        ? secret
                        : null);
                times.Add(clock.Elapsed);
            }
        }

        return [.. times.Order()];
    }

    /// <summary>Edits the Secrets one after the other until it is stopped; returns how often.</summary>
    private static async Task<int> EditAsync(
        Cluster tenant, string @namespace, string[] names, CancellationToken stopped)
    {
        int edits = 0;
        while (!stopped.IsCancellationRequested)
        {
            try
            {
                await tenant.MergeAsync(
                    ResourceType.Secrets, new ObjectKey(@namespace, names[edits % names.Length]),
                    // Unlike any name: every run is searched for the passwords that were ever in a Secret.
                    $"{{stringData: {{password: by-hand-{edits}-{Guid.NewGuid():N}}}}}");
            }
            catch (ApiException e) when (e.IsConflict || e.IsNotFound)
            {
                // It is being replaced.
            }

            edits++;
        }

        return edits;
    }

    private static string Figures(TimeSpan[] sorted) =>
        $"p50 {sorted[sorted.Length / 2].TotalMilliseconds:F0} ms, p99 {sorted[^1].TotalMilliseconds:F0} ms over "
        + $"{sorted.Length}, the slowest "
        + string.Join(", ", sorted[^4..].Select(static time => $"{time.TotalMilliseconds:F0}"));
}
