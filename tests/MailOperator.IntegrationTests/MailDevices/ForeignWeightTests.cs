using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.Portal;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>
/// Objects with as many annotations as Kubernetes accepts, of a tenant who may have no device. Operator and portal have
/// a heap that is smaller than those objects. They fill the API servers too, which other tests would wait for.
/// </summary>
[Trait(RunsTrait.Name, RunsTrait.Alone)]
public sealed class ForeignWeightTests : OperatorTest
{
    private const int HeapLimit = 80 << 20;
    private const int Weight = 240_000;
    private const int Devices = 300;
    private const int Invitations = 450;

    [Fact]
    public async Task Objects_HeavierThanTheHeap_LeaveOperatorAndPortalAtWork()
    {
        // Mutants: hold a page of a list whole; keep the annotations that nobody uses, of a list or of an event.
        await Bed.Operator.StopAsync();
        try
        {
            await CreateAsync(ApiGroup.MailDevices, Devices, "{mailbox: heavy@elsewhere.example}");
            await CreateAsync(
                ApiGroup.DeviceInvitations, Invitations,
                "{mailbox: heavy@elsewhere.example, userRef: {name: nobody}}");
            string folder = Directory.CreateTempSubdirectory("mail-operator-heavy-").FullName;
            string portalFolder = Directory.CreateTempSubdirectory("mail-operator-heavy-portal-").FullName;
            await using var small = new OperatorProcess(
                await ShippedRights.KubeconfigAsync(Cluster, folder), folder,
                new Dictionary<string, string>
                {
                    ["MAIL_OPERATOR_Namespace"] = ShippedRights.Namespace,
                    ["DOTNET_GCHeapHardLimit"] = HeapLimit.ToString("x"),
                });
            await using var portal = new PortalProcess(
                await PortalRights.KubeconfigAsync(Cluster, portalFolder), portalFolder,
                new Uri($"http://127.0.0.1:{FreePort.Find()}"), HeapLimit);

            await small.StartAsync();
            await portal.StartAsync();
            await IssuesAsync("listed");

            // Each is an event for both.
            await EachAsync(Devices, number => Cluster.AnnotateAsync(
                ApiGroup.MailDevices, Key($"heavy-{number}"), "example.com/weight", Text('y')));
            await EachAsync(Invitations, number => Cluster.AnnotateAsync(
                ApiGroup.DeviceInvitations, Key($"heavy-{number}"), "example.com/weight", Text('y')));
            await IssuesAsync("watched");

            small.AssertIsRunning();
            Assert.DoesNotContain("OutOfMemory", portal.Log());
            TestContext.Current.TestOutputHelper?.WriteLine($"operator: {small.ResidentMemory():0} MiB");
        }
        finally
        {
            await Bed.Operator.StartAsync();
        }
    }

    private static string Text(char letter) => new(letter, Weight);

    private static Task EachAsync(int count, Func<int, Task> act) => Parallel.ForEachAsync(
        Enumerable.Range(0, count),
        new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken },
        async (number, _) => await act(number));

    private Task CreateAsync(ResourceType type, int count, string spec) => EachAsync(count, async number =>
        await Cluster.CreateAsync(type, Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = $"heavy-{number}",
                ["annotations"] = new JsonObject { ["example.com/weight"] = Text('x') },
            },
            ["spec"] = MailOperator.Tests.YamlJson.Parse(spec),
        }));

    private async Task IssuesAsync(string name)
    {
        await Cluster.CreateDeviceAsync(Namespace, name, $"{{mailbox: {name}@example.com}}");
        await Bed.WaitForDeviceAsync(Key(name), ConditionTypes.Ready, "True", limit: TimeSpan.FromMinutes(3));
    }
}
