using System.Text.Json;
using k8s;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailDevices;
using MailOperator.Passwords;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailOperator.UnitTests.CrashPoints;

/// <summary>One process: the real reconciler with everything it is made of, knowing nothing but what the world shows it.</summary>
internal sealed class OperatorUnderTest : IAsyncDisposable
{
    private static readonly ObjectKey Key = new(World.Namespace, World.Name);
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(3);

    private readonly World _world;
    private readonly ObjectStore<MailDevice> _devices = new();
    private readonly ObjectStore<MetadataObject> _secrets = new();
    private readonly ObjectStore<MailBackend> _backends = new();
    private readonly RuntimeMetrics _metrics = new();
    private readonly BackendRegistry _registry;
    private readonly EventRecorder _events;
    private readonly MailDeviceReconciler _reconciler;

    public OperatorUnderTest(World world, PasswordHasher hasher)
    {
        _world = world;
        var api = new KubernetesApi(new k8s.Kubernetes(new KubernetesClientConfiguration { Host = "http://127.0.0.1:1" }, world), world.Clock);
        _registry = new BackendRegistry([new WorldDriver(world)], workers: 8, world.Clock, new Random(1));
        _events = new EventRecorder(api, "test", _metrics, world.Clock, NullLogger<EventRecorder>.Instance); // never started: events are no part of the protocol
        var identity = new OperatorIdentity { Instance = "cluster" };
        var secrets = new DeviceSecrets(api, new CredentialDigestSource { Current = new CredentialDigest(new byte[32]) }, hasher);
        _backends.Put(Backend());
        _reconciler = new MailDeviceReconciler(
            _devices,
            new MailDeviceObserver(_backends, new ObjectStore<MetadataObject>(), _secrets, _registry, secrets, new SecretMemory(), identity, new MailDeviceOptions()),
            new MailDeviceApplier(
                _backends, _registry, new CredentialIssuer(secrets, hasher, world.Clock), secrets, new ObjectWriter(api), _events, identity, NullLogger<MailDeviceApplier>.Instance),
            new MailDeviceStatusWriter(new ObjectWriter(api), _events, world.Clock),
            world.Clock);
    }

    /// <summary>Works until nothing is left to do in the next days.</summary>
    public async Task RunToQuiescenceAsync()
    {
        for (int pass = 0; pass < 100; pass++)
        {
            int before = _world.Changes;
            ReconcileResult result = await PassAsync();
            if (_world.Changes != before)
            {
                continue;
            }

            if (result.RequeueAfter is not { } wait || wait > Horizon)
            {
                return;
            }

            _world.Clock.Advance(wait);
        }

        Assert.Fail("The operator does not come to rest.");
    }

    /// <summary>Does what can be done now, and lets no time pass.</summary>
    public async Task RunWithoutWaitingAsync()
    {
        for (int before = -1; before != _world.Changes;)
        {
            before = _world.Changes;
            await PassAsync();
        }
    }

    public async Task<ReconcileResult> PassAsync()
    {
        See();
        return await _reconciler.ReconcileAsync(Key, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        _events.Dispose();
        _metrics.Dispose();
    }

    /// <summary>What informers would have brought.</summary>
    private void See()
    {
        foreach (ObjectKey key in _devices.KeysMissingFrom(new HashSet<ObjectKey>()).ToList())
        {
            _devices.TryRemove(key, out _);
        }

        foreach (ObjectKey key in _secrets.KeysMissingFrom(new HashSet<ObjectKey>()).ToList())
        {
            _secrets.TryRemove(key, out _);
        }

        if (_world.Device is { } device)
        {
            _devices.Put(ApiJson.Deserialize<MailDevice>(JsonSerializer.SerializeToElement(device))!);
        }

        foreach (System.Text.Json.Nodes.JsonObject secret in _world.Secrets.Values)
        {
            _secrets.Put(new MetadataObject
            {
                Metadata = ApiJson.Deserialize<k8s.Models.V1ObjectMeta>(JsonSerializer.SerializeToElement(secret["metadata"]))!,
            });
        }
    }

    private static MailBackend Backend() => new()
    {
        Metadata = new() { Name = "dovecot", Annotations = new Dictionary<string, string> { [Annotations.IsDefaultBackend] = "true" } },
        Spec = new MailBackendSpec
        {
            PasswdFile = new PasswdFileSpec { Path = "/nowhere" },
            Client = new ClientSpec { Smtp = new EndpointSpec { Host = "mail.example.com", Port = 465 } },
            Hashing = new HashingSpec { WorkFactor = 4 },
            Grants = [new GrantSpec { Mailboxes = ["*@example.com"] }],
        },
    };

    private sealed class WorldDriver(World world) : IMailBackendDriver
    {
        public object? SpecOf(MailBackendSpec spec) => spec.PasswdFile;

        public IEnumerable<string> Validate(MailBackendSpec spec) => [];

        public IMailBackend Create(MailBackendSpec spec) => world;
    }
}
