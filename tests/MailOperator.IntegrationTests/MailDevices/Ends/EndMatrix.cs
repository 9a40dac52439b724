using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices.Ends;

/// <summary>
/// Every stop in every state that a tenant can make, with logins at a real mail server: the password is refused, and
/// the status says no more than is so. Mutant of each cell: that state holds back that stop.
/// </summary>
public abstract class EndMatrix(ITestOutputHelper output) : OperatorTest
{
    // Devices at a time: what is measured is the operator, and not how many logins the machine can make.
    private const int Batch = 8;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    private readonly ConcurrentBag<(string Cell, TimeSpan Took)> _times = [];
    private readonly ConcurrentBag<string> _wrong = [];

    /// <summary>The states; those that each mail system has, unless a class has others.</summary>
    internal virtual IReadOnlyList<EndState> States => EndState.All;

    /// <summary>The name of the MailBackend, and the server that uses its store.</summary>
    internal abstract Task<(string Backend, DovecotServer Dovecot)> StartAsync();

    [Fact]
    public async Task Stop_InEveryStateOfADevice_EndsAndTheStatusIsTrue()
    {
        (string backend, DovecotServer dovecot) = await StartAsync();
        await Eventually.TrueAsync("the MailBackend is ready", async () => await FindBackendAsync(backend) is { } found
            && (string?)Status.Condition(found, ConditionTypes.Ready)?["status"] == "True");
        JsonArray named = (await FindBackendAsync(backend))!["status"]!["capabilities"]!.AsArray();
        HashSet<string> capabilities = [.. named.Select(static one => (string)one!)];
        Cell[] cells =
        [
            .. from state in States
               from stop in EndStop.All
               where !state.Without.Contains(stop.Name) && (stop.Needs is null || capabilities.Contains(stop.Needs))
               // Without its finalizer a deleted device is gone at once; what it leaves is an orphan.
               where stop.Name != EndStop.Deletion || !state.Name.StartsWith("its finalizer", StringComparison.Ordinal)
               select new Cell(state, stop),
        ];
        for (int index = 0; index < cells.Length; index++)
        {
            cells[index] = cells[index] with { Name = $"cell-{index}" };
        }

        await Task.WhenAll(cells.Select(cell => CreateAsync(cell, backend)));
        foreach (Cell[] batch in cells.Chunk(Batch))
        {
            await Task.WhenAll(batch.Select(cell => RunAsync(cell, dovecot)));
        }

        TimeSpan[] took = [.. _times.Select(static one => one.Took).Order()];
        output.WriteLine(
            $"{cells.Length} cells; refused after {took[took.Length / 2].TotalSeconds:0.0} s (median), "
            + $"{took[^1].TotalSeconds:0.0} s (slowest: {_times.MaxBy(static one => one.Took).Cell})");
        Assert.True(_wrong.IsEmpty, string.Join('\n', _wrong.Order(StringComparer.Ordinal)));
        // The machine is shared with other tests: single cells may take longer, the most do not.
        Assert.True(took[took.Length * 3 / 4] <= Soon, $"a quarter takes longer than {Soon.TotalSeconds} s");
    }

    private async Task CreateAsync(Cell cell, string backend)
    {
        await Cluster.CreateAsync(ApiGroup.MailUsers, Namespace, $"{{metadata: {{name: {cell.Name}}}, spec: {{}}}}");
        await Cluster.CreateDeviceAsync(
            Namespace, cell.Name,
            $"{{mailbox: {cell.Name}.{Namespace}@example.com, backendRef: {{name: {backend}}}, "
            + $"userRef: {{name: {cell.Name}}}}}");
        await Bed.WaitForDeviceAsync(Key(cell.Name), "Ready", "True", limit: TimeSpan.FromMinutes(2));
    }

    private async Task RunAsync(Cell cell, DovecotServer dovecot)
    {
        DeviceSecret secret = await Bed.SecretAsync(Key(cell.Name));
        Assert.Equal((true, true), (await ReadsAsync(secret, dovecot), await SendsAsync(secret, dovecot)));
        await cell.State.ImposeAsync(Cluster, Key(cell.Name));
        if (cell.State.Shows is { } shows)
        {
            await ShowsAsync(cell, shows.Type, shows.Status, shows.Reason);
        }

        await cell.Stop.ImposeAsync(Cluster, Key(cell.Name));
        try
        {
            TimeSpan took = await Eventually.TrueAsync($"{cell} is refused", TimeSpan.FromSeconds(20), async () =>
                !await SendsAsync(secret, dovecot) && (cell.Stop.LeavesReading || !await ReadsAsync(secret, dovecot)));
            _times.Add((cell.ToString(), took));
            await StatusIsTrueAsync(cell, dovecot);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _wrong.Add($"{cell}: {e.Message}");
        }
        finally
        {
            await Cell.CleanAsync(Cluster, Key(cell.Name));
        }
    }

    /// <summary>
    /// Ready=True only beside a password in the Secret that works, and nothing is said to be pending.
    /// </summary>
    private Task<TimeSpan> StatusIsTrueAsync(Cell cell, DovecotServer dovecot) =>
        Eventually.TrueAsync($"the status of {cell} is true", TimeSpan.FromSeconds(20), async () =>
        {
            if (await Cluster.FindAsync(ApiGroup.MailDevices, Key(cell.Name)) is not { } device)
            {
                return cell.Stop.Name == EndStop.Deletion;
            }

            bool isReady = (string?)Status.Condition(device, ConditionTypes.Ready)?["status"] == "True";
            bool isSeen = (long?)device["status"]!["observedGeneration"] == (long)device["metadata"]!["generation"]!;
            return isSeen
                && Status.Condition(device, ConditionTypes.RevocationPending) is null
                && (long?)device["status"]!["enforcedGeneration"] == (long)device["metadata"]!["generation"]!
                && (!isReady || cell.Stop.LeavesNoLoginFromHere || await WorksAsync(cell, dovecot));
        });

    private async Task<bool> WorksAsync(Cell cell, DovecotServer dovecot) =>
        await Cluster.FindAsync(ResourceType.Secrets, Key(cell.Name)) is { } secret
        && await ReadsAsync(new DeviceSecret(secret), dovecot);

    private Task<TimeSpan> ShowsAsync(Cell cell, string type, string status, string? reason) =>
        Eventually.TrueAsync($"{cell} shows {type}={status} {reason}", async () =>
            await Cluster.FindAsync(ApiGroup.MailDevices, Key(cell.Name)) is { } device
            && Status.Condition(device, type) is { } condition
            && (string)condition["status"]! == status && (reason is null || (string)condition["reason"]! == reason));

    private Task<JsonObject?> FindBackendAsync(string name) =>
        Cluster.FindAsync(ApiGroup.MailBackends, new ObjectKey("", name));

    private static Task<bool> ReadsAsync(DeviceSecret secret, DovecotServer dovecot) =>
        MailLogin.ImapAsync(dovecot.ImapPort, secret["username"], secret["password"]);

    private static Task<bool> SendsAsync(DeviceSecret secret, DovecotServer dovecot) =>
        MailLogin.SubmissionAsync(dovecot.SubmissionPort, secret["username"], secret["password"]);

    /// <summary>One stop in one state.</summary>
    private sealed record Cell(EndState State, EndStop Stop)
    {
        public string Name { get; init; } = "";

        public override string ToString() => $"{State.Name}: {Stop.Name} ({Name})";

        /// <summary>Nothing of it may hold up the deletion of the namespace.</summary>
        public static async Task CleanAsync(Cluster cluster, ObjectKey key)
        {
            if (await cluster.FindAsync(ResourceType.Secrets, key) is { } secret
                && secret["metadata"]!["finalizers"] is not null)
            {
                await cluster.MergeAsync(ResourceType.Secrets, key, "{metadata: {finalizers: null}}");
            }
        }
    }
}
