using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>Credentials whose MailDevice was removed without a revocation.</summary>
public sealed class OrphanTests : OperatorTest
{
    private const string Backend = "orphans";
    private static readonly ObjectKey BackendKey = new("", Backend);
    [Fact]
    public async Task Devices_GoneByForce_AreFoundHeldIfManyAndEndedOnAPersonsWord()
    {
        string path = Path.Combine(Bed.Dovecot.Folder, "orphans");
        JsonObject backend = YamlJson.Parse(TestBed.BackendYaml(Backend, $"{{path: {path}}}", Bed.Dovecot))!.AsObject();
        backend["spec"]!["orphans"] = new JsonObject { ["grace"] = "2s" };
        backend["spec"]!["grants"]![0]!["retention"] = "Allowed";
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", backend);
        string[] names = ["one", "two", "three", "four", "five", "six", "kept"];
        foreach (string name in names)
        {
            await Cluster.CreateDeviceAsync(
                Namespace, name,
                $"{{mailbox: {name}@example.com, backendRef: {{name: {Backend}}}, deletionPolicy: "
                + $"{(name == "kept" ? "Retain" : "Revoke")}}}");
        }

        foreach (string name in names)
        {
            await Bed.WaitForDeviceAsync(Key(name), "Ready", "True");
        }

        await GoByForceAsync("one");
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("kept")); // its retained credential is no orphan
        await Eventually.TrueAsync(
            "the one that lost its device has ended", () => Task.FromResult(!Lines(path, "one").Any()));
        await Eventually.TrueAsync("an event tells of it", async () =>
            (await Cluster.ListAsync(ResourceType.Events, "default"))
                .Any(static one => (string)one["reason"]! == Reasons.OrphansRemoved));

        await GoByForceAsync("two");
        await GoByForceAsync("three");
        JsonObject held = await Eventually.GetAsync("two of six wait for a person's word", async () =>
            await Cluster.FindAsync(ApiGroup.MailBackends, BackendKey) is { } found
            && (int?)found["status"]?["orphanSlots"] == 2
            && Status.Condition(found, ConditionTypes.OrphansHeld) is not null ? found : null);
        Assert.Equal(
            ["three@example.com", "two@example.com"],
            held["status"]!["orphans"]!.AsArray().Select(static one => (string)one!["mailbox"]!).Order(
                StringComparer.Ordinal));
        Assert.NotEmpty(Lines(path, "two"));

        await Cluster.MergeAsync(
            ApiGroup.MailBackends, BackendKey, $"{{metadata: {{annotations: {{{Annotations.RemoveOrphans}: '2'}}}}}}");

        await Eventually.TrueAsync(
            "both have ended", () => Task.FromResult(!Lines(path, "two").Any() && !Lines(path, "three").Any()));
        Assert.NotEmpty(Lines(path, "four"));
        Assert.NotEmpty(Lines(path, "kept"));
        foreach (string name in names[3..6])
        {
            await Cluster.DeleteAsync(ApiGroup.MailDevices, Key(name));
        }

        await Cluster.DeleteAsync(ApiGroup.MailBackends, BackendKey);
        await Eventually.TrueAsync(
            "the backend is gone", async () => await Cluster.FindAsync(ApiGroup.MailBackends, BackendKey) is null);
    }

    private async Task GoByForceAsync(string name)
    {
        await Cluster.MergeAsync(
            ApiGroup.MailDevices, Key(name), "{metadata: {annotations: {mailoperator.io/paused: 'true'}}}");
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key(name));
        await Cluster.MergeAsync(ApiGroup.MailDevices, Key(name), "{metadata: {finalizers: null}}");
    }

    private static IEnumerable<string> Lines(string path, string name) =>
        File.ReadLines(path).Where(line => line.Contains($"/{name}@", StringComparison.Ordinal));
}
