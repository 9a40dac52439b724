using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Integrity;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Verification;
using MailOperator.UnitTests.Hosting;
using MailOperator.UnitTests.MailDevices.CrashPoints;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.MailDevices.Tenancy;

/// <summary>
/// Three namespaces of teams and five mailboxes, with a device for each pair. The product's modules reconcile them
/// against a mail system that records its calls.
/// </summary>
internal sealed class TenancyRig : IDisposable
{
    public static readonly string[] Namespaces = ["bank", "lab", "shop"];

    public static readonly string[] Mailboxes =
        ["boss@example.com", "bank@example.com", "shop@example.com", "shop-1@example.com", "any@public.example.com"];

    private readonly FakeTimeProvider _clock = new(Snapshots.Now);
    private readonly MemoryCluster _cluster;
    private readonly k8s.Kubernetes _client;
    private readonly ServiceProvider _modules;
    private readonly ObjectStore<MailDevice> _devices = new();
    private readonly ObjectStore<MailBackend> _backends = new();
    private readonly ObjectStore<NamespaceMetadata> _namespaces = new();
    private readonly ObjectStore<SecretMetadata> _secrets = new();
    private readonly QuotaFeed _quotas;
    private readonly MailDeviceReconciler _reconciler;

    public TenancyRig(params GrantSpec[] grants)
    {
        _cluster = new MemoryCluster(_clock);
        _client = new k8s.Kubernetes(
            new KubernetesClientConfiguration { Host = "http://cluster.test" },
            new ApiWire(_cluster, new Wire(), new Transcript()));
        _modules = Modules.Build(new KubernetesApi(_client, _clock), _clock, Replace);
        _modules.GetRequiredService<OperatorIdentity>().Instance = "cluster";
        _modules.GetRequiredService<CredentialDigestSource>().Current = new CredentialDigest(new byte[32]);
        QuotaLedger ledger = _modules.GetRequiredService<QuotaLedger>();
        ledger.Settle("dovecot", ledger.Mark(), []); // the backend was listed and has nothing
        _quotas = new QuotaFeed(_devices, _backends, ledger);
        _reconciler = _modules.GetRequiredService<MailDeviceReconciler>();
        SetGrants(GrantWithdrawal.Keep, grants);
        foreach (string name in Namespaces)
        {
            var labels = name == "lab"
                ? new Dictionary<string, string>()
                : new Dictionary<string, string> { ["team"] = name };
            _namespaces.Put(new NamespaceMetadata { Metadata = new() { Name = name, Labels = labels } });
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

    public static IEnumerable<(string Namespace, string Mailbox)> Pairs =>
        from one in Namespaces from other in Mailboxes select (one, other);

    public CountingBackend Backend { get; } = new();

    public void SetGrants(GrantWithdrawal withdrawal, params GrantSpec[] grants) => _backends.Put(new MailBackend
    {
        Metadata = new()
        {
            Name = "dovecot",
            Annotations = new Dictionary<string, string> { [Annotations.IsDefaultBackend] = "true" },
        },
        Spec = new MailBackendSpec
        {
            PasswdFile = new PasswdFileSpec { Path = "/in/memory" },
            Client = new ClientSpec { Smtp = new EndpointSpec { Host = "mail.example.com", Port = 465 } },
            Grants = grants,
            GrantWithdrawn = withdrawal,
            Hashing = new HashingSpec { WorkFactor = 4 },
        },
    });

    public static ObjectKey Key(string @namespace, string mailbox) =>
        new(@namespace, mailbox[..mailbox.IndexOf('@', StringComparison.Ordinal)]);

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

    /// <summary>Reconciles every device often enough that nothing changes any more.</summary>
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
        Modules.End(_modules);
        _client.Dispose();
    }

    private void Replace(IServiceCollection services)
    {
        services.AddSingleton(World.Hasher);
        services.AddSingleton<IMailBackendDriver>(Backend);
        services.AddSingleton<Wait>(static (_, _) => Task.CompletedTask);
        services.AddSingleton(_devices);
        services.AddSingleton(_backends);
        services.AddSingleton(_namespaces);
        services.AddSingleton(_secrets);
        services.AddSingleton(new ObjectStore<MailUser>());
        services.AddSingleton(new ObjectStore<DeviceInvitation>());
    }

    private void Sync()
    {
        foreach (MailDevice device in _cluster.All("maildevices").Select(Decode<MailDevice>))
        {
            _quotas.Count(_devices.Put(device), device);
        }

        SecretMetadata[] secrets = [.. _cluster.All("secrets").Select(Decode<SecretMetadata>)];
        foreach (ObjectKey gone in _secrets.KeysMissingFrom(secrets.Select(static secret => secret.Key).ToHashSet()))
        {
            _secrets.TryRemove(gone, out _);
        }

        foreach (SecretMetadata secret in secrets.Where(
            static secret => secret.Label(Annotations.ManagedByLabel) == Annotations.ManagedByValue))
        {
            _secrets.Put(secret);
        }
    }

    private static T Decode<T>(JsonObject value)
        where T : ApiObject, new()
    {
        JsonElement element = JsonSerializer.SerializeToElement(value);
        T decoded = typeof(T).IsAssignableTo(typeof(MetadataObject)) ? new T() : ApiJson.Deserialize<T>(element)!;
        decoded.Metadata = ApiJson.Deserialize<V1ObjectMeta>(element.GetProperty("metadata"))!;
        return decoded;
    }
}
