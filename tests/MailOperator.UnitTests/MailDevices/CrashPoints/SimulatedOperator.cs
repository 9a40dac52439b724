using System.Text.Json.Nodes;
using k8s;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Claims;
using MailOperator.DeviceInvitations;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Integrity;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Credentials;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Verification;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>
/// One process of the operator: everything of it that deals with a device is real, from the reconciler down to the
/// HTTP client, with <see cref="SimulatedCaches"/>.
/// </summary>
internal sealed class SimulatedOperator : IDisposable
{
    private const int MaxPasses = 40;
    private static readonly TimeSpan MaxStep = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    private readonly World _world;
    private readonly ApiWire _network;
    private readonly k8s.Kubernetes _client;
    private readonly KubernetesApi _api;
    private readonly RuntimeMetrics _metrics = new();
    private readonly SecretMemory _memory = new();
    private readonly SimulatedCaches _caches;
    private readonly EventRecorder _events;
    private readonly MailDeviceReconciler _reconciler;
    private readonly DeviceInvitationReconciler _invitationReconciler;
    private readonly CredentialDigestSource _digests = new();

    private DateTimeOffset? _due;
    private bool _isDeviceWoken;
    private int _passes;

    public SimulatedOperator(World world, bool isLagging)
    {
        _world = world;
        _caches = new SimulatedCaches(world, isLagging, _memory);
        _network = new ApiWire(world.Cluster, Wire, world.Transcript);
        _client = new k8s.Kubernetes(new KubernetesClientConfiguration { Host = "http://cluster.test" }, _network);
        _api = new KubernetesApi(_client, world.Clock);
        _events = new EventRecorder(_api, "pod-0", _metrics, world.Clock, world.Transcript.Logger<EventRecorder>());
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
        _caches.EditBackend(edit);
        Wake();
    }

    /// <summary>Makes passes as long as there is news or one is due, and lets this much time go by.</summary>
    public async Task RunForAsync(TimeSpan duration)
    {
        DateTimeOffset end = _world.Clock.GetUtcNow() + duration;
        TimeSpan step = TimeSpan.Zero;
        for (int pass = 0; pass < MaxPasses; pass++)
        {
            // A watch that lags shows what was, then what is.
            if (Sync() || IsDue() || Sync())
            {
                int writes = Wire.Writes;
                await PassAsync();
                // Looks that time alone calls for, and that find nothing, are not made one by one through a day.
                bool isIdle = Wire.Writes == writes && _due > _world.Clock.GetUtcNow();
                step = !isIdle ? TimeSpan.Zero : step * 2 is var longer && longer < MaxStep ? longer + TimeSpan.FromMinutes(1) : MaxStep;
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

        _world.Oracle.Expect(false, $"no rest after {MaxPasses} passes");
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
        var held = new ClaimedPasswords(_caches.Invitations);
        var verifier = new LoginVerifier(new MemoryMailLogins(_world.Server, Wire), secrets, LetTimePassAsync);
        var grants = new DeviceGrants(_caches.Namespaces, new QuotaLedger(), held);
        var options = new InvitationOptions
        {
            Portal = new Uri("https://portal.test"),
            Relay = new SmtpRelay("relay.test", 587, ConnectionSecurity.STARTTLS, "no-reply@example.com", FromName: null, CredentialsSecret: null),
        };
        var status = new InvitationStatusWriter(writer, _events, _world.Clock);
        var links = new LinkSecrets(_api, _digests, options);
        var invitation = new DeviceInvitationReconciler(
            _caches.Invitations,
            new InvitationObserver(_caches.Devices, _caches.Namespaces, links, new OfferResolver(_caches.Backends, _caches.Users, registry, grants, options), new DeliveryResolver(_caches.Users, options), _api, _world.Clock),
            new InvitationApplier(links, _api, writer, _events, _world.Clock, _world.Transcript.Logger<InvitationApplier>()),
            status,
            new InvitationDelivery(links, new MemoryMailer(_world, Wire), options, status, _world.Clock),
            _world.Clock);
        var device = new MailDeviceReconciler(
            _caches.Devices,
            new MailDeviceObserver(_caches.Backends, _caches.Users, _caches.Namespaces, _caches.Secrets, registry, secrets, _memory, identity,
                grants, held, new MailDeviceOptions()),
            new MailDeviceApplier(
                _caches.Backends, registry, new DeviceFreshness(_api), new CredentialIssuer(secrets, World.Hasher, verifier, _world.Clock),
                new ClaimedPasswordIssuer(secrets, _world.Clock), new CredentialRevoker(_caches.Backends, registry, servers, _events, identity, _world.Clock), servers, verifier, secrets, new RolloutRestarter(_api, _events), writer, _events, identity,
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

    /// <summary>True for news.</summary>
    private bool Sync()
    {
        _world.Cluster.CollectGarbage();
        if (IsWatchSilent)
        {
            return false;
        }

        (bool isNews, bool hasTold) = _caches.Sync();
        _isDeviceWoken |= isNews;
        return isNews || (hasTold && _world.Invitation is not null);
    }
}
