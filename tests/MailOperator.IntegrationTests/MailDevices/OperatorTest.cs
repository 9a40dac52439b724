using System.Text.Json.Nodes;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>A test of the running operator, with a namespace of its own.</summary>
[Collection(CollectionsByName.Operator)]
public abstract class OperatorTest : IAsyncLifetime
{
    private TestBed? _bed;
    private string? _namespace;

    internal TestBed Bed => _bed!;

    internal Cluster Cluster => Bed.Cluster;

    internal string Namespace => _namespace!;

    public async ValueTask InitializeAsync()
    {
        _bed = await TestBed.GetAsync();
        _namespace = await Cluster.NewNamespaceAsync("test");
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Cluster.DeleteAsync(Kubernetes.ResourceType.Namespaces, new Kubernetes.ObjectKey("", Namespace));
        await RemoveBackendsAsync();
    }

    /// <summary>
    /// A backend whose server has stopped would hold up whatever a later test deletes before the operator has written down where it
    /// is. It goes once its devices have, so that a test which leaves devices that nobody can revoke fails itself.
    /// </summary>
    private async Task RemoveBackendsAsync()
    {
        Kubernetes.ObjectKey[] own = await OwnAsync();
        foreach (Kubernetes.ObjectKey backend in own)
        {
            await Cluster.DeleteAsync(Api.ApiGroup.MailBackends, backend);
        }

        if (own.Length > 0)
        {
            await Eventually.TrueAsync("the test's devices and MailBackends are gone", TimeSpan.FromSeconds(60), async () => (await OwnAsync()).Length == 0);
        }

        async Task<Kubernetes.ObjectKey[]> OwnAsync() =>
        [
            .. (await Cluster.ListAsync(Api.ApiGroup.MailBackends)).Select(static backend => (string)backend["metadata"]!["name"]!)
                .Where(static name => name != TestBed.Backend).Select(static name => new Kubernetes.ObjectKey("", name)),
        ];
    }

    /// <summary>Namespaces of earlier tests go in their own time, and their devices are revoked meanwhile.</summary>
    internal Task<TimeSpan> OthersHaveGoneAsync() =>
        Eventually.TrueAsync("earlier tests' devices are gone and their backends have counted it", TimeSpan.FromMinutes(2), async () =>
        {
            IReadOnlyList<JsonObject> devices = await Cluster.ListAsync(Api.ApiGroup.MailDevices);
            HashSet<string> ending = [.. (await Cluster.ListAsync(Kubernetes.ResourceType.Namespaces)).Where(IsEnding).Select(static one => (string)one["metadata"]!["name"]!)];
            return !devices.Any(device => IsEnding(device) || ending.Contains((string)device["metadata"]!["namespace"]!))
                && (await Cluster.ListAsync(Api.ApiGroup.MailBackends)).All(backend =>
                    (int?)backend["status"]?["devices"] == devices.Count(device =>
                        ((string?)device["spec"]!["backendRef"]?["name"] ?? TestBed.Backend) == (string)backend["metadata"]!["name"]!));
        });

    private static bool IsEnding(JsonObject one) => one["metadata"]!["deletionTimestamp"] is not null;

    internal Kubernetes.ObjectKey Key(string name) => new(Namespace, name);

    /// <summary>Waits until the operator has looked at the device once more, as it says in the status.</summary>
    internal async Task HandledAsync(string name)
    {
        string token = Guid.NewGuid().ToString("N");
        await Cluster.AnnotateAsync(Api.ApiGroup.MailDevices, Key(name), Api.Annotations.ReconcileRequestedAt, token);
        await Eventually.TrueAsync($"{name} was looked at", async () =>
            (string?)(await Cluster.FindAsync(Api.ApiGroup.MailDevices, Key(name)))!["status"]!["lastHandledReconcileAt"] == token);
    }
}
