using k8s;
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

namespace MailOperator.Hosting;

/// <summary>Puts the role <c>operator</c> together from its modules.</summary>
internal static class OperatorComposition
{
    public static void AddOperator(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOperatorSettings(configuration);
        services.AddKubernetesClient();
        services.AddSingleton(static _ => new PasswordHasher(Environment.ProcessorCount));
        services.AddBackendDrivers();
        services.AddMailServers();
        services.AddKinds();

        // Stopped in the reverse order: the work first, then the events that it left, and the caches last.
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<EventRecorder>());
        services.AddSingleton(OperatorRuntimeFactory.Create);
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<OperatorRuntime>());
    }

    /// <summary>The kinds and all that they share. Client, drivers and mail servers are the caller's to register.</summary>
    public static IServiceCollection AddKinds(this IServiceCollection services) => services
        .AddControllerRuntime()
        .AddIntegrity()
        .AddInformer<SecretMetadata>(ResourceType.Secrets, OperatorWatches.OwnSecrets)
        .AddInformer<NamespaceMetadata>(ResourceType.Namespaces, new Selection(MetadataOnly: true))
        .AddMailBackends()
        .AddMailUsers()
        .AddMailDevices()
        .AddDeviceInvitations();

    private static void AddKubernetesClient(this IServiceCollection services)
    {
        services.AddSingleton(static _ => KubernetesClientConfiguration.BuildDefaultConfig());
        services.AddSingleton(static provider =>
            new k8s.Kubernetes(provider.GetRequiredService<KubernetesClientConfiguration>()));
        services.AddSingleton<OwnNamespace>();
    }

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
