using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices.Ends;

/// <summary>
/// Every stop of a password that a person chose, in each state of its source. Mutants: a source that is missing or has
/// changed holds back a stop; a leaked password that the source still has goes on without a word.
/// </summary>
public sealed class ChosenEndTests : OperatorTest
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentBag<string> _wrong = [];

    private enum Source
    {
        Unchanged,
        Changed,
        Missing,
    }

    [Fact]
    public async Task Stop_OfAChosenPassword_EndsOrSaysThatItsSourceHasIt()
    {
        Cell[] cells =
        [
            .. from source in Enum.GetValues<Source>()
               from stop in EndStop.All.Select(static (stop, index) => (Stop: stop, Index: index))
               select new Cell(source, stop.Stop, $"chosen-{source}-{stop.Index}".ToLowerInvariant()),
        ];

        await Task.WhenAll(cells.Select(CreateAsync));
        await Task.WhenAll(cells.Select(RunAsync));

        Assert.True(_wrong.IsEmpty, string.Join('\n', _wrong.Order(StringComparer.Ordinal)));
    }

    private async Task CreateAsync(Cell cell)
    {
        await Cluster.CreateAsync(ResourceType.Secrets, Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = cell.SourceName },
            ["stringData"] = new JsonObject { ["mail"] = $"{Guid.NewGuid():N}" },
        });
        await Cluster.CreateAsync(ApiGroup.MailUsers, Namespace, $"{{metadata: {{name: {cell.Name}}}, spec: {{}}}}");
        await Cluster.CreateDeviceAsync(
            Namespace, cell.Name,
            $"{{mailbox: {cell.Name}.{Namespace}@example.com, userRef: {{name: {cell.Name}}}, "
            + $"password: {{valueFrom: {{secretKeyRef: {{name: {cell.SourceName}, key: mail}}}}}}}}");
        await Bed.WaitForDeviceAsync(Key(cell.Name), ConditionTypes.Ready, "True");
    }

    private async Task RunAsync(Cell cell)
    {
        try
        {
            DeviceSecret secret = await Bed.SecretAsync(Key(cell.Name));
            Assert.Equal((true, true), (await Bed.ImapAsync(secret), await SendsAsync(secret)));
            await ImposeAsync(cell);
            if (cell is { Source: Source.Unchanged, Stop.Name: EndStop.Leak })
            {
                await SaysThatItGoesOnAsync(cell, secret);
                return;
            }

            await Eventually.TrueAsync("it is refused", Limit, async () =>
                !await SendsAsync(secret) && (cell.Stop.LeavesReading || !await Bed.ImapAsync(secret)));
            await StatusIsTrueAsync(cell);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            JsonObject? device = await Cluster.FindAsync(ApiGroup.MailDevices, Key(cell.Name));
            _wrong.Add($"{cell.Source}: {cell.Stop.Name}: {e.Message} {device?["status"]?.ToJsonString()}");
        }
    }

    private async Task ImposeAsync(Cell cell)
    {
        bool isTogether = cell is { Source: Source.Changed, Stop.Name: EndStop.Leak };
        if (isTogether)
        {
            // Else the operator may have taken the new one before it hears that the password leaked, and means both.
            await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key(cell.Name), Annotations.Paused, "true");
            await Bed.WaitForDeviceAsync(Key(cell.Name), ConditionTypes.Ready, "True", Reasons.Paused);
        }

        if (cell.Source == Source.Changed)
        {
            await Cluster.MergeAsync(
                ResourceType.Secrets, Key(cell.SourceName), $"{{stringData: {{mail: {Guid.NewGuid():N}x}}}}");
        }
        else if (cell.Source == Source.Missing)
        {
            await Cluster.DeleteAsync(ResourceType.Secrets, Key(cell.SourceName));
        }

        await (isTogether
            ? Cluster.MergeAsync(
                ApiGroup.MailDevices, Key(cell.Name),
                $"{{metadata: {{annotations: {{{Annotations.Paused}: null, {Annotations.RotateAndRevoke}: leak}}}}}}")
            : cell.Stop.ImposeAsync(Cluster, Key(cell.Name)));
    }

    /// <summary>The operator cannot choose another, so the leaked one works on, and everybody is told.</summary>
    private async Task SaysThatItGoesOnAsync(Cell cell, DeviceSecret secret)
    {
        await Bed.WaitForDeviceAsync(Key(cell.Name), ConditionTypes.Ready, "False", Reasons.PasswordUnchanged);
        await Bed.WaitForDeviceAsync(Key(cell.Name), ConditionTypes.RevocationPending, "True");
        Assert.True(await Bed.ImapAsync(secret));
    }

    private Task<TimeSpan> StatusIsTrueAsync(Cell cell) =>
        Eventually.TrueAsync("the status is true", Limit, async () =>
        {
            if (await Cluster.FindAsync(ApiGroup.MailDevices, Key(cell.Name)) is not { } device)
            {
                return cell.Stop.Name == EndStop.Deletion;
            }

            long generation = (long)device["metadata"]!["generation"]!;
            bool isReady = (string?)Status.Condition(device, ConditionTypes.Ready)?["status"] == "True";
            return (long?)device["status"]!["observedGeneration"] == generation
                && (long?)device["status"]!["enforcedGeneration"] == generation
                && Status.Condition(device, ConditionTypes.RevocationPending) is null
                && (!isReady || cell.Stop.LeavesNoLoginFromHere || await WorksAsync(cell));
        });

    private async Task<bool> WorksAsync(Cell cell) =>
        await Cluster.FindAsync(ResourceType.Secrets, Key(cell.Name)) is { } secret
        && await Bed.ImapAsync(new DeviceSecret(secret));

    private Task<bool> SendsAsync(DeviceSecret secret) =>
        MailLogin.SubmissionAsync(Bed.Dovecot.SubmissionPort, secret["username"], secret["password"]);

    private sealed record Cell(Source Source, EndStop Stop, string Name)
    {
        public string SourceName => $"{Name}-source";
    }
}
