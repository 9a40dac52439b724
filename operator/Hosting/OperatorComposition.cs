using k8s;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Infomaniak;
using MailOperator.Backends.Ldap;
using MailOperator.Backends.PasswdFile;
using MailOperator.Backends.Sql;
using MailOperator.Backends.Webhook;
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
using MailOperator.MailServers;
using MailOperator.MailUsers;
using MailOperator.Passwords;
using MailOperator.Reporting;
using Microsoft.Extensions.Options;

namespace MailOperator.Hosting;

/// <summary>Puts the role <c>operator</c> together: what depends on what, and which change wakes which key.</summary>
internal static class OperatorComposition
{
    private static readonly TimeSpan MaxStopTime = OperatorRuntime.GracePeriod + TimeSpan.FromSeconds(8);

    public static void AddOperator(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<OperatorOptions>().Bind(configuration).ValidateOnStart();
        services.AddSingleton<IValidateOptions<OperatorOptions>, OperatorOptionsValidator>();
        services.AddSingleton<IValidateOptions<OperatorOptions>, LeaderElectionOrder>();
        services.AddSingleton<IValidateOptions<OperatorOptions>, InvitationUrlShape>();
        services.AddSingleton<IValidateOptions<OperatorOptions>, SmtpShape>();
        services.AddSingleton(static provider => provider.GetRequiredService<IOptions<OperatorOptions>>().Value);
        services.Configure<HostOptions>(static host => host.ShutdownTimeout = MaxStopTime);

        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(Jitter.Source);
        services.AddSingleton<RuntimeMetrics>();
        services.AddSingleton<OperatorIdentity>();
        services.AddSingleton<CredentialDigestSource>();
        services.AddSingleton(static _ => KubernetesClientConfiguration.BuildDefaultConfig());
        services.AddSingleton(static provider => new k8s.Kubernetes(provider.GetRequiredService<KubernetesClientConfiguration>()));
        services.AddSingleton<KubernetesApi>();
        services.AddSingleton<ObjectWriter>();
        services.AddSingleton(static provider => new ControllerOptions
        {
            Workers = provider.GetRequiredService<OperatorOptions>().Workers,
            ReconcileTimeout = provider.GetRequiredService<OperatorOptions>().ReconcileTimeout,
            ResyncInterval = provider.GetRequiredService<OperatorOptions>().ResyncInterval,
        });
        services.AddSingleton(static provider => new InformerOptions
        {
            RelistInterval = provider.GetRequiredService<OperatorOptions>().ResyncInterval,
        });
        services.AddSingleton(static provider => new MailDeviceOptions
        {
            UncommittedSlotGrace = provider.GetRequiredService<OperatorOptions>().UncommittedSlotGrace,
        });

        services.AddSingleton(static _ => new PasswordHasher(Environment.ProcessorCount));
        services.AddSingleton<IBackendSecrets>(static provider => new BackendSecrets(
            provider.GetRequiredService<KubernetesApi>(),
            OwnNamespace(provider.GetRequiredService<OperatorOptions>(), provider.GetRequiredService<KubernetesClientConfiguration>())));
        services.AddSingleton<IReportedCredentials>(static provider => new ReportedCredentialIndex(
            provider.GetRequiredService<Informer<MailBackend>>().Store, provider.GetRequiredService<Informer<MailDevice>>().Store));
        services.AddSingleton<IMailBackendDriver, PasswdFileDriver>();
        services.AddSingleton<IMailBackendDriver, SqlDriver>();
        services.AddSingleton<IMailBackendDriver, LdapDriver>();
        services.AddSingleton<IMailBackendDriver, WebhookDriver>();
        services.AddSingleton<IMailBackendDriver, InfomaniakDriver>();
        services.AddSingleton(static provider => new BackendRegistry(
            [.. provider.GetServices<IMailBackendDriver>()],
            provider.GetRequiredService<OperatorOptions>().Workers,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<Random>()));

        services.AddSingleton(static provider => new EventRecorder(
            provider.GetRequiredService<KubernetesApi>(),
            ProcessIdentity.Value,
            provider.GetRequiredService<RuntimeMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<EventRecorder>>()));
        services.AddInformer<MailBackend>(ApiGroup.MailBackends, Selection.Everything);
        services.AddInformer<MailDevice>(ApiGroup.MailDevices, Selection.Everything);
        services.AddInformer<MailUser>(ApiGroup.MailUsers, Selection.Everything);
        services.AddInformer<DeviceInvitation>(ApiGroup.DeviceInvitations, Selection.Everything);
        services.AddSingleton<SecretInformer>();
        services.AddSingleton<NamespaceInformer>();
        services.AddSingleton(Runtime);

        // Stopped in the reverse order: the work first, then the events that it left, the caches last.
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<Informer<MailBackend>>());
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<Informer<MailUser>>());
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<Informer<DeviceInvitation>>());
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<Informer<MailDevice>>());
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<SecretInformer>().Informer);
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<NamespaceInformer>().Informer);
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<EventRecorder>());
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<OperatorRuntime>());
    }

    private static OperatorRuntime Runtime(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<OperatorOptions>();
        var clock = provider.GetRequiredService<TimeProvider>();
        var random = provider.GetRequiredService<Random>();
        var metrics = provider.GetRequiredService<RuntimeMetrics>();
        var api = provider.GetRequiredService<KubernetesApi>();
        var devices = provider.GetRequiredService<Informer<MailDevice>>();
        var backends = provider.GetRequiredService<Informer<MailBackend>>();
        var users = provider.GetRequiredService<Informer<MailUser>>();
        var invitations = provider.GetRequiredService<Informer<DeviceInvitation>>();
        Informer<MetadataObject> secrets = provider.GetRequiredService<SecretInformer>().Informer;
        Informer<MetadataObject> namespaces = provider.GetRequiredService<NamespaceInformer>().Informer;
        var registry = provider.GetRequiredService<BackendRegistry>();
        var identity = provider.GetRequiredService<OperatorIdentity>();
        var writer = provider.GetRequiredService<ObjectWriter>();
        var events = provider.GetRequiredService<EventRecorder>();
        var digests = provider.GetRequiredService<CredentialDigestSource>();
        var hasher = provider.GetRequiredService<PasswordHasher>();
        var memory = new SecretMemory();

        var deviceQueue = new WorkQueue<ObjectKey>(clock);
        var backendQueue = new WorkQueue<ObjectKey>(clock);
        var userQueue = new WorkQueue<ObjectKey>(clock);
        var invitationQueue = new WorkQueue<ObjectKey>(clock);
        var quotas = new QuotaLedger();
        QuotaWatches.Connect(devices, backends, quotas, deviceQueue);
        DeviceWatches.Connect(devices, backends, secrets, namespaces, memory, deviceQueue, backendQueue);
        UserWatches.Connect(devices, users, deviceQueue, userQueue);
        InvitationWatches.Connect(invitations, devices, backends, users, secrets, namespaces, invitationQueue, deviceQueue);

        string ownNamespace = OwnNamespace(options, provider.GetRequiredService<KubernetesClientConfiguration>());
        var servers = new DoveadmServers(provider.GetRequiredService<IBackendSecrets>(), clock);
        var deviceSecrets = new DeviceSecrets(api, digests, hasher);
        var held = new ClaimedPasswords(invitations.Store);
        var grants = new DeviceGrants(namespaces.Store, quotas, held);
        var verifier = new LoginVerifier(new MailKitLogins(clock), deviceSecrets, (delay, token) => Task.Delay(delay, clock, token));
        var deviceReconciler = new MailDeviceReconciler(
            devices.Store,
            new MailDeviceObserver(
                backends.Store, users.Store, namespaces.Store, secrets.Store, registry, deviceSecrets, memory, identity,
                grants, held, provider.GetRequiredService<MailDeviceOptions>()),
            new MailDeviceApplier(
                backends.Store, registry, new DeviceFreshness(api), new CredentialIssuer(deviceSecrets, hasher, verifier, clock),
                new ClaimedPasswordIssuer(deviceSecrets, clock), new CredentialRevoker(backends.Store, registry, servers, events, identity, clock), servers, verifier, deviceSecrets, new RolloutRestarter(api, events), writer, events, identity,
                provider.GetRequiredService<ILogger<MailDeviceApplier>>()),
            new MailDeviceStatusWriter(writer, events, clock),
            clock);
        var backendReconciler = new MailBackendReconciler(
            backends.Store, devices.Store, registry, new OrphanSweep(api, events, clock), deviceQueue, new InUseFinalizer(ApiGroup.MailBackends, writer),
            new ReadyReporter(ApiGroup.MailBackends, writer, events, clock), identity);
        var userReconciler = new MailUserReconciler(
            users.Store, devices.Store, new InUseFinalizer(ApiGroup.MailUsers, writer), new ReadyReporter(ApiGroup.MailUsers, writer, events, clock));

        var invitationOptions = new InvitationOptions { Portal = options.InvitationUrl, Relay = options.Smtp.ToRelay() };
        var invitationStatus = new InvitationStatusWriter(writer, events, clock);
        var links = new LinkSecrets(api, digests, invitationOptions);
        var invitationReconciler = new DeviceInvitationReconciler(
            invitations.Store,
            new InvitationObserver(devices.Store, namespaces.Store, links, new OfferResolver(backends.Store, users.Store, registry, grants, invitationOptions),
                new DeliveryResolver(users.Store, invitationOptions), api, clock),
            new InvitationApplier(links, api, writer, events, clock, provider.GetRequiredService<ILogger<InvitationApplier>>()),
            invitationStatus,
            new InvitationDelivery(links, new InvitationMailer(provider.GetRequiredService<IBackendSecrets>(), clock), invitationOptions, invitationStatus, clock),
            clock);

        Controller Make(string name, WorkQueue<ObjectKey> queue, IReconciler reconciler)
        {
            var controller = new Controller(
                name, queue, reconciler, provider.GetRequiredService<ControllerOptions>(),
                new ItemBackoff<ObjectKey>(random), metrics, clock, provider.GetRequiredService<ILogger<Controller>>());
            metrics.Observe(controller);
            return controller;
        }

        return new OperatorRuntime(
            [
                Make("mailbackend", backendQueue, backendReconciler),
                Make("mailuser", userQueue, userReconciler),
                Make("maildevice", deviceQueue, deviceReconciler),
                Make("deviceinvitation", invitationQueue, invitationReconciler),
            ],
            waitForSync: async token =>
            {
                await Task.WhenAll(
                    devices.WaitForSyncAsync(token), backends.WaitForSyncAsync(token), users.WaitForSyncAsync(token), invitations.WaitForSyncAsync(token), secrets.WaitForSyncAsync(token), namespaces.WaitForSyncAsync(token));
                identity.Instance = options.Instance is { Length: > 0 } set ? set : ClusterUid(namespaces.Store);
            },
            prepare: async token =>
            {
                digests.Current = new CredentialDigest(await DigestKey.LoadOrCreateAsync(api, ownNamespace, token));
                _ = new ResyncTimer(clock, random, options.ResyncInterval, () =>
                {
                    Resync(devices.Store, deviceQueue);
                    Resync(invitations.Store, invitationQueue);
                }).RunAsync(token);
            },
            options.LeaderElection.Enabled
                ? new LeaderLease(
                    api, options.LeaderElection, new ObjectKey(ownNamespace, options.LeaderElection.LeaseName), ProcessIdentity.Value,
                    clock, random, provider.GetRequiredService<ILogger<LeaderLease>>())
                : null,
            lostLease: LeaseLostExit.Now,
            provider.GetRequiredService<ILogger<OperatorRuntime>>());
    }

    private static void Resync<T>(ObjectStore<T> objects, WorkQueue<ObjectKey> queue)
        where T : ApiObject
    {
        foreach (T one in objects.All)
        {
            queue.Add(one.Key, QueueLane.Resync);
        }
    }

    private static string ClusterUid(ObjectStore<MetadataObject> namespaces) =>
        namespaces.Find(new ObjectKey("", "kube-system"))?.Metadata.Uid
        ?? throw new InvalidOperationException("Namespace kube-system was not found, so this cluster has no name of its own; set Instance.");

    private static string OwnNamespace(OperatorOptions options, KubernetesClientConfiguration client) =>
        options.Namespace is { Length: > 0 } set ? set : client.Namespace is { Length: > 0 } own ? own : "mail-operator";

    private static void AddInformer<T>(this IServiceCollection services, ResourceType type, Selection selection)
        where T : ApiObject, new() =>
        services.AddSingleton(provider => Informer<T>(provider, type, selection));

    internal static Informer<T> Informer<T>(IServiceProvider provider, ResourceType type, Selection selection)
        where T : ApiObject, new() => new(
            provider.GetRequiredService<KubernetesApi>(),
            type,
            selection,
            provider.GetRequiredService<InformerOptions>(),
            provider.GetRequiredService<RuntimeMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<Random>(),
            provider.GetRequiredService<ILogger<Informer<T>>>());
}

/// <summary>Watches the Secrets that carry our label, without their data.</summary>
internal sealed class SecretInformer(IServiceProvider provider)
{
    public Informer<MetadataObject> Informer { get; } = OperatorComposition.Informer<MetadataObject>(
        provider, ResourceType.Secrets, new Selection(LabelSelector: $"{Annotations.ManagedByLabel}={Annotations.ManagedByValue}", MetadataOnly: true));
}

/// <summary>Watches namespaces for their labels, which grants may select by.</summary>
internal sealed class NamespaceInformer(IServiceProvider provider)
{
    public Informer<MetadataObject> Informer { get; } = OperatorComposition.Informer<MetadataObject>(
        provider, ResourceType.Namespaces, new Selection(MetadataOnly: true));
}
