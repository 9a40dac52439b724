using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailDevices.Secrets;
using MailOperator.Tests;
using MailOperator.UnitTests.Hosting;
using MailOperator.UnitTests.Kubernetes.Hostile;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>The six informers on a server, and the four queues that they wake.</summary>
internal sealed class WatchesRig : IAsyncDisposable
{
    // To the server a Namespace is the beginning of a path; as a kind of its own it is not mixed up with what is in it.
    public static readonly ResourceType Namespaces =
        new("example.com", "v1", "spaces", "Namespace", IsNamespaced: false);

    private static readonly ObjectKey Line = new("", "|");
    private readonly HostileApiServer _server;
    private readonly ServiceProvider _modules;
    private readonly WorkQueue<ObjectKey> _devices;
    private readonly WorkQueue<ObjectKey> _backends;
    private readonly WorkQueue<ObjectKey> _users;
    private readonly WorkQueue<ObjectKey> _invitations;
    private readonly Dictionary<ResourceType, Func<ObjectKey, ApiObject?>> _stores = [];
    private readonly List<BackgroundService> _informers = [];

    private WatchesRig(HostileApiServer server)
    {
        _server = server;
        _modules = Modules.Build(server.Connect(Clock), Clock, static services => services
            .AddSingleton<IBackendSecrets>(new GivenSecret([]))
            .AddInformer<SecretMetadata>(ResourceType.Secrets, Selection.Everything)
            .AddInformer<NamespaceMetadata>(Namespaces, Selection.Everything));
        Quotas.Settle("dovecot", Quotas.Mark(), []);
        _devices = QueueOf<MailDevice>();
        _backends = QueueOf<MailBackend>();
        _users = QueueOf<MailUser>();
        _invitations = QueueOf<DeviceInvitation>();
        Watch<MailDevice>(ApiGroup.MailDevices);
        Watch<MailBackend>(ApiGroup.MailBackends);
        Watch<SecretMetadata>(ResourceType.Secrets);
        Watch<NamespaceMetadata>(Namespaces);
        Watch<MailUser>(ApiGroup.MailUsers);
        Watch<DeviceInvitation>(ApiGroup.DeviceInvitations);
        foreach (IWatches watches in _modules.GetServices<IWatches>())
        {
            watches.Connect();
        }
    }

    public FakeTimeProvider Clock { get; } = new();

    public SecretMemory Memory => _modules.GetRequiredService<SecretMemory>();

    public QuotaLedger Quotas => _modules.GetRequiredService<QuotaLedger>();

    public HostileStore Store => _server.Store;

    /// <summary>Starts with these objects there; what the first lists woke is in the queues.</summary>
    public static async Task<WatchesRig> StartAsync(Action<HostileStore>? prepare = null)
    {
        HostileApiServer server = await HostileApiServer.StartAsync();
        prepare?.Invoke(server.Store);
        var rig = new WatchesRig(server);
        foreach (ResourceType type in rig._stores.Keys)
        {
            rig.Tick(type);
        }

        rig.DrawLines();
        foreach (BackgroundService informer in rig._informers)
        {
            await informer.StartAsync(TestContext.Current.CancellationToken);
        }

        await Until.IsSoAsync(() => server.OpenWatches == rig._informers.Count);
        return rig;
    }

    /// <summary>An object as its informer has it.</summary>
    public ApiObject? Find(ResourceType type, ObjectKey key) => _stores[type](key);

    /// <summary>Makes or changes a device.</summary>
    public JsonObject Device(string name, Action<JsonObject>? change = null, string? backend = "dovecot") =>
        Store.Apply(ApiGroup.MailDevices, new ObjectKey("shop", name), value =>
        {
            value["spec"] ??= new JsonObject { ["mailbox"] = "a@example.com" };
            if (backend is not null)
            {
                value["spec"]!["backendRef"] = new JsonObject { ["name"] = backend };
            }

            change?.Invoke(value);
        });

    public void User(string name, Action<JsonObject>? change = null) =>
        Store.Apply(ApiGroup.MailUsers, new ObjectKey("shop", name), value =>
        {
            value["spec"] ??= new JsonObject();
            change?.Invoke(value);
        });

    public void Invitation(Action<JsonObject>? change = null) =>
        Store.Apply(ApiGroup.DeviceInvitations, new ObjectKey("shop", "ada-phone"), value =>
        {
            value["spec"] ??= new JsonObject
            {
                ["mailbox"] = "a@example.com",
                ["userRef"] = new JsonObject { ["name"] = "ada" },
                ["device"] = new JsonObject { ["name"] = "phone" },
            };
            change?.Invoke(value);
        });

    public void Backend(string name, Action<JsonObject>? change = null) =>
        Store.Apply(ApiGroup.MailBackends, new ObjectKey("", name), value =>
        {
            value["spec"] ??= new JsonObject();
            change?.Invoke(value);
        });

    /// <summary>
    /// What a change of an object of that kind woke: "changes | resyncs" of the queue of devices,
    /// or of that of backends.
    /// </summary>
    public async Task<string> WokenAsync(ResourceType type, Action change, bool backends = false)
    {
        await DrainAsync(_devices);
        await DrainAsync(_backends);
        await DrainAsync(_users);
        await DrainAsync(_invitations);
        DrawLines();
        change();
        string version = Tick(type);
        await Until.IsSoAsync(() => _stores[type](Marker(type))?.Metadata.ResourceVersion == version);
        return await WokenAsync(backends);
    }

    public async Task<string> WokenAsync(bool backends = false) =>
        string.Join(' ', await DrainAsync(backends ? _backends : _devices)).Trim();

    /// <summary>Lets the delay pass with which backends are woken for the sake of their devices.</summary>
    public async Task<string> WokenLaterAsync()
    {
        Clock.Advance(TimeSpan.FromSeconds(2));
        return await WokenAsync(backends: true);
    }

    /// <summary>As <see cref="WokenLaterAsync"/>, of the queue of users.</summary>
    public Task<string> WokenUsersLaterAsync()
    {
        Clock.Advance(TimeSpan.FromSeconds(2));
        return WokenUsersNowAsync();
    }

    public async Task<string> WokenUsersNowAsync() => string.Join(' ', await DrainAsync(_users)).Trim();

    /// <summary>As <see cref="WokenAsync(bool)"/>, of the queue of invitations.</summary>
    public async Task<string> WokenInvitationsAsync() => string.Join(' ', await DrainAsync(_invitations)).Trim();

    public async ValueTask DisposeAsync()
    {
        foreach (BackgroundService informer in _informers)
        {
            await informer.StopAsync(CancellationToken.None);
        }

        await _server.DisposeAsync();
        await _modules.DisposeAsync();
    }

    private WorkQueue<ObjectKey> QueueOf<T>()
        where T : ApiObject => _modules.GetRequiredService<ReconcileQueue<T>>().Keys;

    private void Watch<T>(ResourceType type)
        where T : ApiObject, new()
    {
        var informer = _modules.GetRequiredService<Informer<T>>();
        _stores[type] = informer.Store.Find;
        _informers.Add(informer);
    }

    private void DrawLines()
    {
        _devices.Add(Line, QueueLane.Resync);
        _backends.Add(Line, QueueLane.Resync);
        _invitations.Add(Line, QueueLane.Resync);
    }

    /// <summary>Changes what wakes nobody: once it is seen, all that was before it has been told.</summary>
    private string Tick(ResourceType type) =>
        (string)Store.Apply(type, Marker(type), static value => value["metadata"]!["labels"] =
            new JsonObject { ["tick"] = $"{Guid.NewGuid()}" })["metadata"]!["resourceVersion"]!;

    private static ObjectKey Marker(ResourceType type) => new(type.IsNamespaced ? "elsewhere" : "", "marker");

    private static async Task<List<string>> DrainAsync(WorkQueue<ObjectKey> queue)
    {
        var keys = new List<string>();
        while (queue.ReadyCount > 0)
        {
            ObjectKey key = await queue.TakeAsync(TestContext.Current.CancellationToken);
            queue.Done(key);
            if (key.Name != "marker")
            {
                keys.Add(key.ToString());
            }
        }

        return keys;
    }
}
