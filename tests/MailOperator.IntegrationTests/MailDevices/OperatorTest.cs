using System.Text.Json.Nodes;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>A test of the running operator, in its own namespace.</summary>
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

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Cluster.DeleteAsync(Kubernetes.ResourceType.Namespaces, new Kubernetes.ObjectKey("", Namespace));
        await RemoveBackendsAsync();
    }

    /// <summary>
    /// Deletes a backend whose server has stopped: it would delay later revocations that have to ask all backends. It
    /// is gone once its devices are, so that a test which leaves devices that cannot be revoked fails itself.
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
            await Eventually.TrueAsync(
                "the test's devices and MailBackends are gone", TimeSpan.FromSeconds(60),
                async () => (await OwnAsync()).Length == 0);
        }

        async Task<Kubernetes.ObjectKey[]> OwnAsync() =>
        [
            .. (await Cluster.ListAsync(Api.ApiGroup.MailBackends))
                .Select(static backend => (string)backend["metadata"]!["name"]!)
                .Where(static name => name != TestBed.Backend)
                .Select(static name => new Kubernetes.ObjectKey("", name)),
        ];
    }

    /// <summary>Namespaces of earlier tests may still be terminating, while their devices are revoked.</summary>
    internal Task<TimeSpan> OthersHaveGoneAsync() =>
        Eventually.TrueAsync(
            "earlier tests' devices are gone and their backends have counted it", TimeSpan.FromMinutes(2), async () =>
            {
                IReadOnlyList<JsonObject> devices = await Cluster.ListAsync(Api.ApiGroup.MailDevices);
                HashSet<string> ending = [.. (await Cluster.ListAsync(Kubernetes.ResourceType.Namespaces))
                    .Where(IsEnding)
                    .Select(static one => (string)one["metadata"]!["name"]!)];
                return !devices.Any(
                    device => IsEnding(device) || ending.Contains((string)device["metadata"]!["namespace"]!))
                    && (await Cluster.ListAsync(Api.ApiGroup.MailBackends)).All(backend =>
                        (int?)backend["status"]?["devices"] == devices.Count(device =>
                            ((string?)device["spec"]!["backendRef"]?["name"]
                                ?? TestBed.Backend) == (string)backend["metadata"]!["name"]!));
            });

    private static bool IsEnding(JsonObject one) => one["metadata"]!["deletionTimestamp"] is not null;

    internal Kubernetes.ObjectKey Key(string name) => new(Namespace, name);

    /// <summary>Waits until the status shows another reconcile of the device.</summary>
    internal async Task HandledAsync(string name)
    {
        string token = Guid.NewGuid().ToString("N");
        await Cluster.AnnotateAsync(Api.ApiGroup.MailDevices, Key(name), Api.Annotations.ReconcileRequestedAt, token);
        await Eventually.TrueAsync($"{name} was looked at", async () =>
            (string?)(await Cluster.FindAsync(
                Api.ApiGroup.MailDevices, Key(name)))!["status"]!["lastHandledReconcileAt"] == token);
    }
}
