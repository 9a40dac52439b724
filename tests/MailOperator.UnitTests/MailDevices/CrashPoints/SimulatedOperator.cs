using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.DeviceInvitations;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailDevices;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>
/// One process of the operator: everything of it that deals with a device is real, from the reconciler down to the
/// HTTP client. Its caches are filled here, and may lag behind by one pass as a slow watch does.
/// </summary>
internal sealed class SimulatedOperator : IDisposable
{
    private const int MostPasses = 40;
    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    private readonly World _world;
    private readonly bool _isLagging;
    private readonly ApiWire _network;
    private readonly k8s.Kubernetes _client;
    private readonly KubernetesApi _api;
    private readonly RuntimeMetrics _metrics = new();
    private readonly ObjectStore<MailDevice> _devices = new();
    private readonly ObjectStore<MailBackend> _backends = new();
    private readonly ObjectStore<MailUser> _users = new();
    private readonly ObjectStore<DeviceInvitation> _invitations = new();
    private readonly ObjectStore<MetadataObject> _namespaces = new();
    private readonly ObjectStore<MetadataObject> _secrets = new();
    private readonly SecretMemory _memory = new();
    private readonly EventRecorder _events;
    private readonly MailDeviceReconciler _reconciler;
    private readonly DeviceInvitationReconciler _invitationReconciler;
    private readonly CredentialDigestSource _digests = new();

    private (IReadOnlyList<JsonObject> Devices, IReadOnlyList<JsonObject> Users, IReadOnlyList<JsonObject> Secrets, IReadOnlyList<JsonObject> Invitations)? _seen;
    private DateTimeOffset? _due;
    private bool _isDeviceWoken;
    private int _passes;
    private Action<JsonObject>? _editBackend;

    public SimulatedOperator(World world, bool isLagging)
    {
        (_world, _isLagging) = (world, isLagging);
        _network = new ApiWire(world.Cluster, Wire, world.Transcript);
        _client = new k8s.Kubernetes(new KubernetesClientConfiguration { Host = "http://cluster.test" }, _network);
        _api = new KubernetesApi(_client, world.Clock);
        _events = new EventRecorder(_api, "pod-0", _metrics, world.Clock, world.Transcript.Logger<EventRecorder>());
        _backends.Put(Backend(world.IsGrantRevoked));
        _namespaces.Put(new MetadataObject { Metadata = new() { Name = World.DeviceKey.Namespace, Labels = new Dictionary<string, string> { ["team"] = "shop" } } });
        (_reconciler, _invitationReconciler) = Reconcilers();
    }

    public Wire Wire { get; } = new();

    /// <summary>While it is set the caches stay as they are.</summary>
    public bool IsWatchSilent { get; set; }

    /// <summary>What leading begins with.</summary>
    public async Task StartAsync()
    {
        try
        {
            _digests.Current = new CredentialDigest(await DigestKey.LoadOrCreateAsync(_api, "mail-operator", default));
            await _events.StartAsync(default);
            Wire.ThrowIfDead();
        }
        catch (HttpRequestException)
        {
            throw new ProcessDiedException(); // as the real one, which starts again
        }
    }

    /// <summary>The next round makes a pass whether or not there is news, as a resync does.</summary>
    public void Wake() => PassAgainAfter(TimeSpan.Zero);

    /// <summary>The backend's spec is another from now on, and its device is looked at.</summary>
    public void EditBackend(Action<JsonObject> edit)
    {
        _editBackend = edit;
        _backends.Put(BackendNow());
        Wake();
    }

    /// <summary>Makes passes as long as there is news or one is due, and lets this much time go by.</summary>
    public async Task RunForAsync(TimeSpan duration)
    {
        DateTimeOffset end = _world.Clock.GetUtcNow() + duration;
        TimeSpan step = TimeSpan.Zero;
        for (int pass = 0; pass < MostPasses; pass++)
        {
            // A watch that lags shows what was, then what is.
            if (Sync() || IsDue() || Sync())
            {
                int writes = Wire.Writes;
                await PassAsync();
                // Looks that time alone calls for, and that find nothing, are not made one by one through a day.
                bool isIdle = Wire.Writes == writes && _due > _world.Clock.GetUtcNow();
                step = !isIdle ? TimeSpan.Zero : step * 2 is var longer && longer < LongestStep ? longer + TimeSpan.FromMinutes(1) : LongestStep;
                pass -= isIdle ? 2 : 0; // this one, and the step of the clock before it
            }
            else if (_due is { } due && due < end)
            {
                DateTimeOffset late = _world.Clock.GetUtcNow() + step;
                _world.Clock.SetUtcNow(late < due ? due : late < end ? late : end);
            }
            else
            {
                _world.Clock.SetUtcNow(end);
                return;
            }
        }

        _world.Oracle.Expect(false, $"no rest after {MostPasses} passes");
    }

    public void Dispose()
    {
        _events.Dispose();
        _client.Dispose();
        _metrics.Dispose();
    }

    // As the queue has it: of several delays the shortest counts, and a pass in between takes none of them away.
    private void PassAgainAfter(TimeSpan? delay)
    {
        DateTimeOffset? due = _world.Clock.GetUtcNow() + delay;
        _due = _due < due ? _due : due ?? _due;
    }

    private bool IsDue()
    {
        bool isDue = _due <= _world.Clock.GetUtcNow();
        _due = isDue ? null : _due;
        _isDeviceWoken |= isDue;
        return isDue;
    }

    private async Task PassAsync()
    {
        _network.BeginPass();
        await ReconcileAsync(_invitationReconciler, World.InvitationKey);
        if (_isDeviceWoken) // its own status wakes its invitation alone
        {
            await ReconcileAsync(_reconciler, World.DeviceKey);
            _isDeviceWoken = false;
        }

        _events.Normal(ApiGroup.MailDevices, new MailDevice { Metadata = new() { Name = "none", Uid = $"pass-{++_passes}" } }, ApiWire.LastEvent, "");
        await Task.WhenAny(_network.EndPassAsync(), _events.ExecuteTask!);
        Wire.ThrowIfDead();
    }

    private async Task ReconcileAsync(IReconciler reconciler, ObjectKey key)
    {
        try
        {
            ReconcileResult result = await reconciler.ReconcileAsync(key, default);
            PassAgainAfter(result.RequeueAfter);
        }
        catch (Exception e) when (!Wire.IsDead)
        {
            _world.Transcript.Add(e.ToString());
            PassAgainAfter(RetryDelay);
        }
        catch (Exception) when (Wire.IsDead)
        {
            throw new ProcessDiedException();
        }
    }

    private (MailDeviceReconciler Device, DeviceInvitationReconciler Invitation) Reconcilers()
    {
        var registry = new BackendRegistry(MemoryDriver.All(_world.Slots, Wire, _world.Transcript), workers: 4, _world.Clock, new Random(1));
        var servers = new MemoryMailServers(_world.Server, Wire);
        var identity = new OperatorIdentity { Instance = World.Owner.Instance };
        var secrets = new DeviceSecrets(_api, _digests, World.Hasher);
        var writer = new ObjectWriter(_api);
        var held = new HeldPasswords(_invitations);
        var verifier = new LoginVerifier(new MemoryMailLogins(_world.Server, Wire), secrets, LetTimePassAsync);
        var grants = new DeviceGrants(_namespaces, new DeviceCensus(), held);
        var options = new InvitationOptions
        {
            Portal = new Uri("https://portal.test"),
            Relay = new SmtpRelay("relay.test", 587, ConnectionSecurity.STARTTLS, "no-reply@example.com", FromName: null, CredentialsSecret: null),
        };
        var status = new InvitationStatusWriter(writer, _events, _world.Clock);
        var links = new LinkSecrets(_api, _digests, options);
        var invitation = new DeviceInvitationReconciler(
            _invitations,
            new InvitationObserver(_devices, _namespaces, links, new OfferResolver(_backends, _users, registry, grants, options), new DeliveryResolver(_users, options), _api, _world.Clock),
            new InvitationApplier(links, _api, writer, _events, _world.Clock, _world.Transcript.Logger<InvitationApplier>()),
            status,
            new InvitationDelivery(links, new MemoryMailer(_world, Wire), options, status, _world.Clock),
            _world.Clock);
        var device = new MailDeviceReconciler(
            _devices,
            new MailDeviceObserver(_backends, _users, _namespaces, _secrets, registry, secrets, _memory, identity,
                grants, held, new MailDeviceOptions()),
            new MailDeviceApplier(
                _backends, registry, new DeviceFreshness(_api), new CredentialIssuer(secrets, World.Hasher, verifier, _world.Clock),
                new HeldPasswordKeeper(secrets, _world.Clock), new CredentialRevoker(_backends, registry, servers, _events, identity, _world.Clock), servers, verifier, secrets, new RolloutRestarter(_api, _events), writer, _events, identity,
                _world.Transcript.Logger<MailDeviceApplier>()),
            new MailDeviceStatusWriter(writer, _events, _world.Clock),
            _world.Clock);
        return (device, invitation);
    }

    private Task LetTimePassAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        _world.Clock.Advance(time);
        return Task.CompletedTask;
    }

    /// <summary>Brings the caches up to date, or with a lag to where the world was at the last time; true for news.</summary>
    private bool Sync()
    {
        _world.Cluster.CollectGarbage();
        if (IsWatchSilent)
        {
            return false;
        }

        bool wasRevoked = _backends.All.Single().Spec.Grants is [];
        _backends.Put(BackendNow());
        var now = (_world.Cluster.All("maildevices"), _world.Cluster.All("mailusers"), _world.Cluster.All("secrets"), _world.Cluster.All("deviceinvitations"));
        (IReadOnlyList<JsonObject> devices, IReadOnlyList<JsonObject> users, IReadOnlyList<JsonObject> secrets, IReadOnlyList<JsonObject> invitations) = _isLagging ? _seen ?? now : now;
        _seen = now;
        bool hasTold = false;
        bool isNews = Fill(_devices, devices.Select(Decode<MailDevice>), (before, after) =>
        {
            hasTold |= HasTold(before, after);
            return IsNews(before, after);
        }) | (wasRevoked != _world.IsGrantRevoked);
        isNews |= Fill(_users, users.Select(Decode<MailUser>), static (before, after) => before?.Metadata.ResourceVersion != after?.Metadata.ResourceVersion);
        isNews |= Fill(_invitations, invitations.Select(Decode<DeviceInvitation>), IsNews);
        isNews |= Fill(_secrets, secrets.Where(IsOurs).Select(Decode<MetadataObject>), IsNews);
        _isDeviceWoken |= isNews;
        return isNews || (hasTold && _world.Invitation is not null);
    }

    private static bool Fill<T>(ObjectStore<T> store, IEnumerable<T> values, Func<T?, T?, bool> isNews)
        where T : ApiObject
    {
        bool any = false;
        var present = new HashSet<ObjectKey>();
        foreach (T value in values)
        {
            present.Add(value.Key);
            any |= isNews(store.Put(value), value);
        }

        foreach (ObjectKey key in store.KeysMissingFrom(present))
        {
            any |= store.TryRemove(key, out T? removed) && isNews(removed, null);
        }

        return any;
    }

    // As the operator's own wake-ups have it: its writes of a status, and Secrets that it has just judged, wake nobody.
    private static bool IsNews(MailDevice? before, MailDevice? after) =>
        after is not null && (before is null
            || before.Metadata.Uid != after.Metadata.Uid
            || before.Metadata.Generation != after.Metadata.Generation
            || before.Metadata.DeletionTimestamp != after.Metadata.DeletionTimestamp
            || !(before.Metadata.Finalizers ?? []).SequenceEqual(after.Metadata.Finalizers ?? [])
            || !Sorted(before.Metadata.Annotations).SequenceEqual(Sorted(after.Metadata.Annotations)));

    private static IEnumerable<KeyValuePair<string, string>> Sorted(IDictionary<string, string>? annotations) =>
        (annotations ?? new Dictionary<string, string>()).OrderBy(static one => one.Key);

    // An invitation hears whatever becomes of its device.
    private static bool HasTold(MailDevice? before, MailDevice? after) =>
        after is null || JsonSerializer.Serialize(before?.Status, ApiJson.Options) != JsonSerializer.Serialize(after.Status, ApiJson.Options);

    private static bool IsNews(DeviceInvitation? before, DeviceInvitation? after) =>
        after is null || before is null
        || (before.Status?.Conditions is not null && after.Status?.Conditions is null)
        || before.Metadata.DeletionTimestamp != after.Metadata.DeletionTimestamp
        || !(before.Metadata.Finalizers ?? []).SequenceEqual(after.Metadata.Finalizers ?? [])
        || !Sorted(before.Metadata.Annotations).SequenceEqual(Sorted(after.Metadata.Annotations))
        || before.Status?.Claim?.Id != after.Status?.Claim?.Id
        || before.Status?.DeviceRef?.Uid != after.Status?.DeviceRef?.Uid;

    private bool IsNews(MetadataObject? before, MetadataObject? after) =>
        before?.Metadata.ResourceVersion != after?.Metadata.ResourceVersion
        && (after is null || !_memory.Knows(World.Owner.DeviceUid, after.Metadata.ResourceVersion));

    private static bool IsOurs(JsonObject secret) =>
        secret["metadata"]!["labels"]?[Annotations.ManagedByLabel]?.GetValue<string>() == Annotations.ManagedByValue;

    private static T Decode<T>(JsonObject value)
        where T : ApiObject, new()
    {
        JsonElement element = JsonSerializer.SerializeToElement(value);
        T decoded = typeof(T) == typeof(MetadataObject) ? new T() : DecodeTyped<T>(element);
        decoded.Metadata = ApiJson.Deserialize<V1ObjectMeta>(element.GetProperty("metadata"))!;
        return decoded;
    }

    // As the informer does it: an object that does not fit its type is there all the same.
    private static T DecodeTyped<T>(JsonElement element)
        where T : ApiObject, new()
    {
        try
        {
            return ApiJson.Deserialize<T>(element)!;
        }
        catch (JsonException e)
        {
            return new T { DecodeError = e.Message };
        }
    }

    private MailBackend BackendNow()
    {
        MailBackend backend = Backend(_world.IsGrantRevoked);
        if (_editBackend is null)
        {
            return backend;
        }

        JsonObject spec = JsonSerializer.SerializeToNode(backend.Spec, ApiJson.Options)!.AsObject();
        spec.Remove("grantWithdrawn"); // a field led through its values must not end the password by a policy of another
        _editBackend(spec);
        return Decode<MailBackend>(new JsonObject { ["metadata"] = JsonSerializer.SerializeToNode(backend.Metadata, ApiJson.Options), ["spec"] = spec });
    }

    private MailBackend Backend(bool isGrantRevoked) => new()
    {
        Metadata = new() { Name = "dovecot", Annotations = new Dictionary<string, string> { [Annotations.IsDefaultBackend] = "true" } },
        Spec = new MailBackendSpec
        {
            PasswdFile = new PasswdFileSpec { Path = "/in/memory" },
            Client = new ClientSpec { Smtp = new EndpointSpec { Host = "mail.example.com", Port = 465 } },
            Grants = isGrantRevoked ? [] : [new GrantSpec { Mailboxes = [World.Mailbox], ChosenPasswords = ChosenPasswordPolicy.Allowed }],
            GrantWithdrawn = GrantWithdrawal.Revoke,
            Hashing = new HashingSpec { WorkFactor = 4 },
            Dovecot = _world.HasDoveadm ? new DovecotSpec { Doveadm = [new DoveadmSpec { Url = "http://dovecot.test/doveadm/v1", CredentialsSecret = new() { Name = "doveadm" } }] } : null,
            Rotation = new BackendRotationSpec { Overlap = "24h" },
            Verification = _world.HasVerification ? LoginVerification.Login : null,
        },
    };
}
