using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailBackends;

/// <summary>Two clusters whose operators have the same instance name, at one mail system.</summary>
public sealed partial class InstanceSharedTests : OperatorTest
{
    [Fact]
    public async Task PasswordOfAnotherOperator_WithThisOnesName_IsToldOfAndKept()
    {
        string name = $"shared-{Guid.NewGuid().ToString("N")[..8]}";
        string path = Path.Combine(Bed.Dovecot.Folder, name);
        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "",
            TestBed.BackendYaml(name, $"{{path: {path}}}", Bed.Dovecot) + "\n  orphans: {grace: 2s}");
        await CreateDeviceAsync("ours", name);
        string uid = (string)(await Bed.WaitForDeviceAsync(Key("ours"), "Ready", "True"))["metadata"]!["uid"]!;

        // As the other operator writes it, whose clock is ahead: from five minutes after the start it is certain.
        string others = Issued.Replace(
            string.Join('\n', await File.ReadAllLinesAsync(path, Token))
                .Replace(uid, $"{Guid.NewGuid()}", StringComparison.Ordinal)
                .Replace("ours@example.com", "others@example.com", StringComparison.Ordinal),
            "${name}" + TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds().ToString(
                CultureInfo.InvariantCulture));
        await File.AppendAllTextAsync(path, others + "\n", Token);

        await CreateDeviceAsync("second", name); // calls for a probe
        // Mutant: no look at what was seen. It would have ended after its grace of two seconds.
        await Eventually.TrueAsync("the MailBackend says so", TimeSpan.FromSeconds(90), async () =>
            await Cluster.FindAsync(ApiGroup.MailBackends, new ObjectKey("", name)) is { } found
            && Status.Condition(found, ConditionTypes.InstanceShared) is not null
            && (int?)found["status"]!["orphanSlots"] == 1);
        await Eventually.TrueAsync("an event says so", async () =>
            (await Cluster.ListAsync(ResourceType.Events, "default"))
                .Any(static one => (string)one["reason"]! == Reasons.InstanceShared));
        await ProbedAfterTheGraceAsync(name);
        Assert.Contains("others@example.com", await File.ReadAllTextAsync(path, Token), StringComparison.Ordinal);

        foreach (string device in (string[])["ours", "second", "third"])
        {
            await Cluster.DeleteAsync(ApiGroup.MailDevices, Key(device));
            await Eventually.TrueAsync(
                "the device is gone", async () => await Cluster.FindAsync(ApiGroup.MailDevices, Key(device)) is null);
        }

        await Cluster.DeleteAsync(ApiGroup.MailBackends, new ObjectKey("", name));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Another device is counted by a probe that comes after the grace of the orphan.</summary>
    private async Task ProbedAfterTheGraceAsync(string name)
    {
        var key = new ObjectKey("", name);
        JsonNode orphan = (await Cluster.FindAsync(ApiGroup.MailBackends, key))!["status"]!["orphans"]![0]!;
        var since = DateTimeOffset.Parse((string)orphan["since"]!, CultureInfo.InvariantCulture);
        await Eventually.TrueAsync("the grace is over", () => Task.FromResult(
            TimeProvider.System.GetUtcNow() > since.AddSeconds(3)));
        await CreateDeviceAsync("third", name);
        await Eventually.TrueAsync("all devices are counted", async () =>
            (int?)(await Cluster.FindAsync(ApiGroup.MailBackends, key))!["status"]!["devices"] == 3);
    }

    private Task<JsonObject> CreateDeviceAsync(string name, string backend) => Cluster.CreateDeviceAsync(
        Namespace, name, $"{{mailbox: {name}@example.com, backendRef: {{name: {backend}}}}}");

    [GeneratedRegex("(?<name>mailoperator_issued=)[0-9]+")]
    private static partial Regex Issued { get; }
}
