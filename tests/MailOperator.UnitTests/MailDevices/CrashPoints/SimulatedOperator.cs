using System.Text.Json.Nodes;
using k8s;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.DeviceInvitations;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Integrity;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;
using MailOperator.UnitTests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>
/// One process of the operator: the product's own modules, from the reconcilers down to the HTTP client, with
/// <see cref="SimulatedCaches"/> in place of the informers.
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
    private readonly SecretMemory _memory = new();
    private readonly SimulatedCaches _caches;
    private readonly ServiceProvider _modules;
    private readonly EventRecorder _events;
    private readonly MailDeviceReconciler _reconciler;
    private readonly DeviceInvitationReconciler _invitationReconciler;

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
        _modules = Modules.Build(_api, world.Clock, Replace);
        _modules.GetRequiredService<OperatorIdentity>().Instance = World.Owner.Instance;
        QuotaLedger quotas = _modules.GetRequiredService<QuotaLedger>();
        quotas.Settle("dovecot", quotas.Mark(), []); // the backend was listed and has nothing of others
        _events = _modules.GetRequiredService<EventRecorder>();
        _reconciler = _modules.GetRequiredService<MailDeviceReconciler>();
        _invitationReconciler = _modules.GetRequiredService<DeviceInvitationReconciler>();
    }

    public Wire Wire { get; } = new();

    /// <summary>While it is set, the caches do not change.</summary>
    public bool IsWatchSilent { get; set; }

    /// <summary>Does what a new leader does first.</summary>
    public async Task StartAsync()
    {
        try
        {
            _modules.GetRequiredService<CredentialDigestSource>().Current =
                await DigestKey.LoadOrCreateAsync(_api, "mail-operator", default);
            await _events.StartAsync(default);
            Wire.ThrowIfDead();
        }
        catch (HttpRequestException)
        {
            throw new ProcessDiedException(); // as the real process does; it is started again
        }
    }

    /// <summary>Makes the next round a pass even without news, as a resync does.</summary>
    public void Wake() => PassAgainAfter(TimeSpan.Zero);

    /// <summary>Changes the backend's spec and wakes its device.</summary>
    public void EditBackend(Action<JsonObject> edit)
    {
        _caches.EditBackend(edit);
        Wake();
    }

    /// <summary>Makes passes while there is news or one is due, until this much time has passed.</summary>
    public async Task RunForAsync(TimeSpan duration)
    {
        DateTimeOffset end = _world.Clock.GetUtcNow() + duration;
        TimeSpan step = TimeSpan.Zero;
        for (int pass = 0; pass < MaxPasses; pass++)
        {
            // A lagging watch shows the earlier state first, then the current one.
            if (Sync() || IsDue() || Sync())
            {
                int writes = Wire.Writes;
                await PassAsync();
                // Passes that only time calls for and that find nothing are spaced out, or a day would take too many.
                bool isIdle = Wire.Writes == writes && _due > _world.Clock.GetUtcNow();
                step = !isIdle ? TimeSpan.Zero
                    : step * 2 is var longer && longer < MaxStep ? longer + TimeSpan.FromMinutes(1)
                    : MaxStep;
                pass -= isIdle ? 2 : 0; // this pass, and the step of the clock before it
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
        Modules.End(_modules);
        _client.Dispose();
    }

    // As in the queue: the shortest delay counts, and a pass in between cancels none.
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
        if (_isDeviceWoken) // a change of its status wakes only its invitation
        {
            await ReconcileAsync(_reconciler, World.DeviceKey);
            _isDeviceWoken = false;
        }

        _events.Normal(
            ApiGroup.MailDevices, new MailDevice { Metadata = new() { Name = "none", Uid = $"pass-{++_passes}" } },
            ApiWire.LastEvent, "");
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

    /// <summary>Replaces the mail system, its servers, the relay, the caches, and the passing of time.</summary>
    private void Replace(IServiceCollection services)
    {
        services.AddSingleton(_world.Transcript);
        services.AddSingleton(typeof(ILogger<>), typeof(TranscriptLogger<>));
        services.AddSingleton(World.Hasher);
        foreach (IMailBackendDriver driver in MemoryDriver.All(_world.Slots, Wire, _world.Transcript))
        {
            services.AddSingleton(driver);
        }

        services.AddSingleton<IMailServers>(new MemoryMailServers(_world.Server, Wire));
        services.AddSingleton<IMailLogins>(new MemoryMailLogins(_world.Server, Wire));
        services.AddSingleton<IInvitationMailer>(new MemoryMailer(_world, Wire));
        services.AddSingleton<Wait>(LetTimePassAsync);
        services.AddSingleton(new InvitationOptions
        {
            Portal = new Uri("https://portal.test"),
            Relay = new SmtpRelay(
                "relay.test", 587, ConnectionSecurity.STARTTLS, "no-reply@example.com", FromName: null,
                CredentialsSecret: null),
        });
        services.AddSingleton(_memory);
        services.AddSingleton(_caches.Devices);
        services.AddSingleton(_caches.Backends);
        services.AddSingleton(_caches.Users);
        services.AddSingleton(_caches.Invitations);
        services.AddSingleton(_caches.Namespaces);
        services.AddSingleton(_caches.Secrets);
    }

    private Task LetTimePassAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        _world.Clock.Advance(time);
        return Task.CompletedTask;
    }

    /// <summary>Updates the caches. True if there is news.</summary>
    private bool Sync()
    {
        _world.Cluster.CollectGarbage();
        if (IsWatchSilent)
        {
            return false;
        }

        (bool isNews, bool hasDeviceChanged) = _caches.Sync();
        _isDeviceWoken |= isNews;
        return isNews || (hasDeviceChanged && _world.Invitation is not null);
    }
}
