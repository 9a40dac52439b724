using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>
/// <c>kubectl apply -f</c> takes the files of a folder in their order, GitOps in its own. Whatever the order, the
/// objects of an example become ready and nothing warns of what is only not there yet.
/// </summary>
public sealed class ExampleOrderTests : OperatorTest
{
    private static readonly string[] Folders = ["user", "chosen-password", "invitation"];

    private static readonly ResourceType Events = new("", "v1", "events", "Event", IsNamespaced: true);

    private static readonly Dictionary<string, ResourceType> Kinds = new()
    {
        ["Secret"] = ResourceType.Secrets,
        ["MailUser"] = ApiGroup.MailUsers,
        ["MailDevice"] = ApiGroup.MailDevices,
        ["DeviceInvitation"] = ApiGroup.DeviceInvitations,
    };

    public static TheoryData<string, int> Orders =>
    [
        .. Folders
            .SelectMany(static folder => Enumerable.Range(0, 3).Select(seed => (folder, seed))),
    ];

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Apply_InAnyOrder_IsReadyWithoutAWarning(string folder, int seed)
    {
        JsonObject[] objects = [.. Objects(folder)];
        if (seed == 0)
        {
            Array.Sort(objects, static (one, other) => Rank(one) - Rank(other)); // what names others first
        }
        else
        {
            new Random(seed).Shuffle(objects);
        }

        foreach (JsonObject each in objects)
        {
            each["metadata"]!.AsObject().Remove("namespace"); // the test's own
            each["spec"]?.AsObject().Remove("delivery"); // the recipient does not exist
            await Cluster.CreateAsync(Kinds[(string)each["kind"]!], Namespace, each);
            await SeenAsync(each); // so that the next one is late indeed
        }

        await ReadyAsync(objects);
        await AssertNoWarningAsync();
    }

    [Fact]
    public async Task MailBackend_AfterItsDeviceAndInvitation_IsNoReasonForAWarning()
    {
        string backend = $"late-{Guid.NewGuid().ToString("N")[..8]}";
        JsonObject[] objects =
        [
            Parse("{kind: MailDevice, metadata: {name: web}, spec: {}}"),
            Parse(
                "{kind: DeviceInvitation, metadata: {name: phone}, "
                + "spec: {userRef: {name: ada}, device: {name: phone}}}"),
        ];
        foreach (JsonObject each in objects)
        {
            each["spec"]!["mailbox"] = $"{Namespace}@example.com";
            each["spec"]!["backendRef"] = new JsonObject { ["name"] = backend };
            await Cluster.CreateAsync(Kinds[(string)each["kind"]!], Namespace, each);
            await SeenAsync(each);
        }

        await Cluster.CreateAsync(ApiGroup.MailUsers, Namespace, "{metadata: {name: ada}, spec: {displayName: Ada}}");
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", TestBed.BackendYaml(
            backend, $"{{path: {Bed.Dovecot.PasswdFile}}}", Bed.Dovecot));

        await ReadyAsync(objects);
        await AssertNoWarningAsync();
        await Cluster.DeleteAsync(ApiGroup.DeviceInvitations, Key("phone"));
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("web"));
        await Cluster.DeleteAsync(ApiGroup.MailBackends, new ObjectKey("", backend));
    }

    private static JsonObject Parse(string yaml) => YamlJson.Parse(yaml)!.AsObject();

    private static int Rank(JsonObject each) =>
        (string)each["kind"]! switch { "MailDevice" => 0, "MailUser" => 1, _ => 2 };

    private static IEnumerable<JsonObject> Objects(string folder) =>
        Directory.EnumerateFiles(Repository.Path("examples", folder), "*.yaml").Order(StringComparer.Ordinal)
            .SelectMany(YamlJson.ReadAll)
            .Where(static each => Kinds.ContainsKey((string)each["kind"]!));

    private async Task SeenAsync(JsonObject each)
    {
        if (HasConditions(each))
        {
            await Eventually.TrueAsync("the operator has said something", async () =>
                (await FindAsync(each))["status"]?["conditions"] is JsonArray);
        }
    }

    private async Task ReadyAsync(JsonObject[] objects)
    {
        foreach (JsonObject each in objects.Where(HasConditions))
        {
            await Eventually.TrueAsync($"{each["metadata"]!["name"]} is ready", async () =>
                Status.Condition(await FindAsync(each), ConditionTypes.Ready) is { } ready
                && (string)ready["status"]! == "True");
        }
    }

    private async Task AssertNoWarningAsync()
    {
        IReadOnlyList<JsonObject> events = [];
        await Eventually.TrueAsync("an event tells of what was issued", async () =>
            (events = await Cluster.ListAsync(Events, Namespace)).Any(static one => (string)one["type"]! == "Normal"));
        // Mutant: no grace for what is new.
        Assert.Equal([], events.Where(static one => (string)one["type"]! == "Warning")
            .Select(static one => $"{one["reason"]}: {one["message"]}"));
    }

    private async Task<JsonObject> FindAsync(JsonObject each) =>
        (await Cluster.FindAsync(Kinds[(string)each["kind"]!], Key((string)each["metadata"]!["name"]!)))!;

    private static bool HasConditions(JsonObject each) => (string)each["kind"]! is not "Secret";
}
