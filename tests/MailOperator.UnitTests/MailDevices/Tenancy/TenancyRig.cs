using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Claims;
using MailOperator.Integrity;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Credentials;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;
using MailOperator.UnitTests.MailDevices.CrashPoints;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace MailOperator.UnitTests.MailDevices.Tenancy;

/// <summary>Three teams' namespaces, five mailboxes, a device for each pair, and the real reconciler between them and a mail system.</summary>
internal sealed class TenancyRig : IDisposable
{
    public static readonly string[] Namespaces = ["bank", "lab", "shop"];

    public static readonly string[] Mailboxes =
        ["boss@example.com", "bank@example.com", "shop@example.com", "shop-1@example.com", "any@public.example.com"];

    private readonly FakeTimeProvider _clock = new(Snapshots.Now);
    private readonly MemoryCluster _cluster;
    private readonly k8s.Kubernetes _client;
    private readonly RuntimeMetrics _metrics = new();
    private readonly EventRecorder _events;
    private readonly ObjectStore<MailDevice> _devices = new();
    private readonly ObjectStore<MailBackend> _backends = new();
    private readonly ObjectStore<MetadataObject> _namespaces = new();
    private readonly ObjectStore<MetadataObject> _secrets = new();
    private readonly QuotaLedger _quotas = new();
    private readonly MailDeviceReconciler _reconciler;

    public TenancyRig(params GrantSpec[] grants)
    {
        _cluster = new MemoryCluster(_clock);
        var transcript = new Transcript();
        _client = new k8s.Kubernetes(new KubernetesClientConfiguration { Host = "http://cluster.test" }, new ApiWire(_cluster, new Wire(), transcript));
        var api = new KubernetesApi(_client, _clock);
        _events = new EventRecorder(api, "pod-0", _metrics, _clock, transcript.Logger<EventRecorder>());
        _reconciler = Reconciler(api, transcript);
        SetGrants(GrantWithdrawal.Keep, grants);
        foreach (string name in Namespaces)
        {
            var labels = name == "lab" ? new Dictionary<string, string>() : new Dictionary<string, string> { ["team"] = name };
            _namespaces.Put(new MetadataObject { Metadata = new() { Name = name, Labels = labels } });
        }

        foreach ((string @namespace, string mailbox) in Pairs)
        {
            _cluster.Create("maildevices", @namespace, new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = Key(@namespace, mailbox).Name },
                ["spec"] = new JsonObject { ["mailbox"] = mailbox },
            });
        }
    }

    public static IEnumerable<(string Namespace, string Mailbox)> Pairs => from one in Namespaces from other in Mailboxes select (one, other);

    public CountingBackend Backend { get; } = new();

    public void SetGrants(GrantWithdrawal withdrawal, params GrantSpec[] grants) => _backends.Put(new MailBackend
    {
        Metadata = new() { Name = "dovecot", Annotations = new Dictionary<string, string> { [Annotations.IsDefaultBackend] = "true" } },
        Spec = new MailBackendSpec
        {
            PasswdFile = new PasswdFileSpec { Path = "/in/memory" },
            Client = new ClientSpec { Smtp = new EndpointSpec { Host = "mail.example.com", Port = 465 } },
            Grants = grants,
            GrantWithdrawn = withdrawal,
            Hashing = new HashingSpec { WorkFactor = 4 },
        },
    });

    public static ObjectKey Key(string @namespace, string mailbox) => new(@namespace, mailbox[..mailbox.IndexOf('@', StringComparison.Ordinal)]);

    public JsonObject Device(ObjectKey key) => _cluster.Find("maildevices", key)!;

    public JsonObject? Secret(ObjectKey key) => _cluster.Find("secrets", key);

    public string Uid(ObjectKey key) => Device(key)["metadata"]!["uid"]!.GetValue<string>();

    public string Reason(ObjectKey key) => Device(key)["status"]!["conditions"]![0]!["reason"]!.GetValue<string>();

    public void EditDevice(ObjectKey key, Action<JsonObject> edit) => _cluster.Edit("maildevices", key, edit);

    public void PutSecret(ObjectKey key, JsonObject secret)
    {
        if (Secret(key) is not null)
        {
            _cluster.Delete("secrets", key);
        }

        _cluster.Create("secrets", key.Namespace, secret);
    }

    /// <summary>Looks at every device until nothing of it changes any more.</summary>
    public async Task SettleAsync()
    {
        for (int round = 0; round < 4; round++)
        {
            foreach ((string @namespace, string mailbox) in Pairs)
            {
                Sync();
                await _reconciler.ReconcileAsync(Key(@namespace, mailbox), TestContext.Current.CancellationToken);
            }
        }
    }

    public void Dispose()
    {
        _events.Dispose();
        _client.Dispose();
        _metrics.Dispose();
    }

    private MailDeviceReconciler Reconciler(KubernetesApi api, Transcript transcript)
    {
        var registry = new BackendRegistry([Backend], workers: 4, _clock, new Random(1));
        var identity = new OperatorIdentity { Instance = "cluster" };
        var digests = new CredentialDigestSource { Current = new CredentialDigest(new byte[32]) };
        var secrets = new DeviceSecrets(api, digests, World.Hasher);
        var writer = new ObjectWriter(api);
        IMailServers servers = Mock.Of<IMailServers>();
        var verifier = new LoginVerifier(Mock.Of<IMailLogins>(), secrets, static (_, _) => Task.CompletedTask);
        var held = new ClaimedPasswords(new ObjectStore<DeviceInvitation>());
        return new MailDeviceReconciler(
            _devices,
            new MailDeviceObserver(
                _backends, new ObjectStore<MailUser>(), _namespaces, _secrets, registry, secrets, new SecretMemory(), identity,
                new DeviceGrants(_namespaces, _quotas, held), held, new MailDeviceOptions()),
            new MailDeviceApplier(
                _backends, registry, new DeviceFreshness(api), new CredentialIssuer(secrets, World.Hasher, verifier, _clock),
                new ClaimedPasswordIssuer(secrets, _clock), new CredentialRevoker(_backends, registry, servers, _events, identity, _clock), servers, verifier, secrets, new RolloutRestarter(api, _events), writer, _events, identity,
                transcript.Logger<MailDeviceApplier>()),
            new MailDeviceStatusWriter(writer, _events, _clock),
            _clock);
    }

    private void Sync()
    {
        foreach (MailDevice device in _cluster.All("maildevices").Select(Decode<MailDevice>))
        {
            _devices.Put(device);
            _quotas.Put(device, BackendSelection.NameFor(device, _backends));
        }

        MetadataObject[] secrets = [.. _cluster.All("secrets").Select(Decode<MetadataObject>)];
        foreach (ObjectKey gone in _secrets.KeysMissingFrom(secrets.Select(static secret => secret.Key).ToHashSet()))
        {
            _secrets.TryRemove(gone, out _);
        }

        foreach (MetadataObject secret in secrets.Where(static secret => secret.Label(Annotations.ManagedByLabel) == Annotations.ManagedByValue))
        {
            _secrets.Put(secret);
        }
    }

    private static T Decode<T>(JsonObject value)
        where T : ApiObject, new()
    {
        JsonElement element = JsonSerializer.SerializeToElement(value);
        T decoded = typeof(T) == typeof(MetadataObject) ? new T() : ApiJson.Deserialize<T>(element)!;
        decoded.Metadata = ApiJson.Deserialize<V1ObjectMeta>(element.GetProperty("metadata"))!;
        return decoded;
    }
}
