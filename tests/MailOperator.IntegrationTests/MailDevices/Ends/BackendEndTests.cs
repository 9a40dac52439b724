using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices.Ends;

/// <summary>
/// Every stop while something is wrong with the MailBackend, with logins at a real mail server: the password is
/// refused, and the status says no more than is so. Mutant of each cell: that state holds back that stop, or what is
/// not done yet is not said.
/// </summary>
public sealed class BackendEndTests(ITestOutputHelper output) : OperatorTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _prefix = $"ends-{Guid.NewGuid().ToString("N")[..8]}";
    private readonly ConcurrentBag<(string Cell, TimeSpan Took)> _times = [];
    private readonly ConcurrentBag<string> _wrong = [];

    [Fact]
    public async Task Stop_InEveryStateOfAMailBackend_EndsAndTheStatusIsTrue()
    {
        Group[] groups = [.. BackendState.All.Select((state, index) => new Group(state, $"{_prefix}-{index}"))];
        await Task.WhenAll(groups.Select(CreateAsync));
        foreach (Group group in groups)
        {
            await RunAsync(group);
        }

        TimeSpan[] took = [.. _times.Select(static one => one.Took).Order()];
        output.WriteLine(
            $"{groups.Sum(static group => group.Cells.Length)} cells; refused after "
            + $"{took[took.Length / 2].TotalSeconds:0.0} s (median), {took[^1].TotalSeconds:0.0} s (slowest: "
            + $"{_times.MaxBy(static one => one.Took).Cell})");
        Assert.True(_wrong.IsEmpty, string.Join('\n', _wrong.Order(StringComparer.Ordinal)));
        // The machine is shared with other tests: single cells may take longer, the most do not.
        Assert.True(took[took.Length * 3 / 4] <= Soon, $"a quarter takes longer than {Soon.TotalSeconds} s");
    }

    private async Task CreateAsync(Group group)
    {
        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "",
            TestBed.BackendYaml(group.Backend, $"{{path: {Bed.Dovecot.PasswdFile}}}", Bed.Dovecot));
        await Task.WhenAll(group.Cells.Select(async cell =>
        {
            await Cluster.CreateAsync(
                ApiGroup.MailUsers, Namespace, $"{{metadata: {{name: {cell.Name}}}, spec: {{}}}}");
            await Cluster.CreateDeviceAsync(
                Namespace, cell.Name,
                $"{{mailbox: {cell.Name}.{Namespace}@example.com, backendRef: {{name: {group.Backend}}}, "
                + $"userRef: {{name: {cell.Name}}}}}");
            await Bed.WaitForDeviceAsync(Key(cell.Name), "Ready", "True", limit: TimeSpan.FromMinutes(2));
        }));
    }

    private async Task RunAsync(Group group)
    {
        await group.State.ImposeAsync(Bed, group.Backend);
        try
        {
            await Task.WhenAll(group.Cells.Select(cell => RunAsync(group.State, cell)));
        }
        finally
        {
            await group.State.TakeBackAsync(Cluster, group.Backend);
        }
    }

    private async Task RunAsync(BackendState state, Cell cell)
    {
        string name = $"{state.Name}: {cell.Stop.Name} ({cell.Name})";
        try
        {
            if (state.Reason is { } reason)
            {
                await Bed.WaitForDeviceAsync(Key(cell.Name), ConditionTypes.Ready, "False", reason);
            }

            DeviceSecret secret = await Bed.SecretAsync(Key(cell.Name));
            // What is given stays: only a stop takes it.
            Assert.Equal((true, true), (await ReadsAsync(secret), await SendsAsync(secret)));
            await cell.Stop.ImposeAsync(Cluster, Key(cell.Name));
            TimeSpan took = await Eventually.TrueAsync("it is refused", Limit, async () =>
                !await SendsAsync(secret) && (cell.Stop.LeavesReading || !await ReadsAsync(secret)));
            _times.Add((name, took));
            await StatusIsTrueAsync(state, cell);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            JsonObject? device = await Cluster.FindAsync(ApiGroup.MailDevices, Key(cell.Name));
            _wrong.Add($"{name}: {e.Message} {device?["status"]?.ToJsonString()}");
        }
    }

    /// <summary>
    /// Ready=True only beside a password in the Secret that works, and pending is said where something is, only there.
    /// </summary>
    private async Task StatusIsTrueAsync(BackendState state, Cell cell)
    {
        bool isPending = state.Pends.Contains(cell.Stop.Name);
        await Eventually.TrueAsync("the status is true", Limit, async () =>
        {
            if (await Cluster.FindAsync(ApiGroup.MailDevices, Key(cell.Name)) is not { } device)
            {
                return cell.Stop.Name == EndStop.Deletion && !isPending;
            }

            bool isReady = (string?)Status.Condition(device, ConditionTypes.Ready)?["status"] == "True";
            bool isEnforced =
                (long?)device["status"]!["enforcedGeneration"] == (long)device["metadata"]!["generation"]!;
            return (long?)device["status"]!["observedGeneration"] == (long)device["metadata"]!["generation"]!
                && (isPending
                    ? (string?)Status.Condition(device, ConditionTypes.RevocationPending)?["reason"]
                        == Reasons.RevocationBlocked
                    : Status.Condition(device, ConditionTypes.RevocationPending) is null && isEnforced)
                && (!isReady || cell.Stop.LeavesNoLoginFromHere || await WorksAsync(cell));
        });
    }

    private async Task<bool> WorksAsync(Cell cell) =>
        await Cluster.FindAsync(ResourceType.Secrets, Key(cell.Name)) is { } secret
        && await ReadsAsync(new DeviceSecret(secret));

    private Task<bool> ReadsAsync(DeviceSecret secret) => Bed.ImapAsync(secret);

    private Task<bool> SendsAsync(DeviceSecret secret) =>
        MailLogin.SubmissionAsync(Bed.Dovecot.SubmissionPort, secret["username"], secret["password"]);

    /// <summary>One stop, at the device of this name.</summary>
    private sealed record Cell(EndStop Stop, string Name);

    /// <summary>A state, the MailBackend that comes into it, and a device for each stop.</summary>
    private sealed record Group(BackendState State, string Backend)
    {
        public Cell[] Cells { get; } =
            [.. EndStop.All.Select((stop, index) => new Cell(stop, $"{Backend[^1]}-stop-{index}"))];
    }
}
