using MailOperator.Backends;
using MailOperator.Backends.Infomaniak;
using MailOperator.Backends.Ldap;
using MailOperator.Backends.PasswdFile;
using MailOperator.Backends.Sql;
using MailOperator.Backends.Webhook;
using MailOperator.DeviceInvitations;
using MailOperator.Integrity;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailDevices;
using MailOperator.MailServers;
using MailOperator.MailUsers;
using MailOperator.Passwords;
using MailOperator.Reporting;

namespace MailOperator.Hosting;

/// <summary>Composes the role <c>operator</c> from its modules.</summary>
internal static class OperatorComposition
{
    public static void AddOperator(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOperatorSettings(configuration);
        services.AddClusterAccess();
        services.AddSingleton<OwnNamespace>();
        services.AddSingleton(static _ => new PasswordHasher(Environment.ProcessorCount));
        services.AddBackendDrivers();
        services.AddMailServers();
        services.AddKinds();
        services.AddSingleton(static provider => ActivatorUtilities.CreateInstance<ClusterClaim>(
            provider, provider.GetRequiredService<OperatorOptions>().LeaderElection));

        // Stopped in reverse order: first the controllers, then the recorder with their last events, then the caches.
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<EventRecorder>());
        services.AddSingleton(OperatorRuntimeFactory.Create);
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<OperatorRuntime>());
    }

    /// <summary>
    /// The kinds and what they share. The caller registers the client, the drivers and the mail servers.
    /// </summary>
    public static IServiceCollection AddKinds(this IServiceCollection services) => services
        .AddControllerRuntime()
        .AddIntegrity()
        .AddInformer<SecretMetadata>(ResourceType.Secrets, OperatorWatches.OwnSecrets)
        .AddInformer<NamespaceMetadata>(ResourceType.Namespaces, new Selection(MetadataOnly: true))
        .AddSecretFeed(OperatorWatches.OtherSecrets)
        .AddHostedService<ObjectMetrics>()
        .AddSingleton<AuditTrail>()
        .AddMailBackends()
        .AddMailUsers()
        .AddMailDevices()
        .AddDeviceInvitations();

    private static void AddBackendDrivers(this IServiceCollection services)
    {
        services.AddSingleton<IBackendSecrets>(static provider => new BackendSecrets(
            provider.GetRequiredService<KubernetesApi>(), provider.GetRequiredService<OwnNamespace>().Name));
        services.AddSingleton<IMailBackendDriver, PasswdFileDriver>();
        services.AddSingleton<IMailBackendDriver, SqlDriver>();
        services.AddSingleton<IMailBackendDriver, LdapDriver>();
        services.AddSingleton<IMailBackendDriver, WebhookDriver>();
        services.AddSingleton<IMailBackendDriver, InfomaniakDriver>();
    }
}
