using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MailOperator.Kubernetes;

/// <summary>Registers the controller runtime, and what each kind adds to it.</summary>
internal static class KubernetesModule
{
    /// <summary>What every kind uses. The client <see cref="k8s.Kubernetes"/> is the host's to register.</summary>
    public static IServiceCollection AddControllerRuntime(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Jitter.Source);
        services.TryAddSingleton<ControllerOptions>();
        services.TryAddSingleton<InformerOptions>();
        services.AddSingleton<RuntimeMetrics>();
        services.AddSingleton<KubernetesApi>();
        services.AddSingleton<ObjectWriter>();
        services.AddSingleton(static provider =>
            ActivatorUtilities.CreateInstance<EventRecorder>(provider, ProcessIdentity.Value));
        return services.AddSingleton<IHostedService, WatchConnector>();
    }

    /// <summary>The feed of changed Secrets, started with the host.</summary>
    public static IServiceCollection AddSecretFeed(this IServiceCollection services, Selection selection) => services
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<SecretFeed>(provider, selection))
        .AddSingleton<IHostedService>(static provider => provider.GetRequiredService<SecretFeed>());

    /// <summary>An informer, started with the host, and its store.</summary>
    public static IServiceCollection AddInformer<T>(
        this IServiceCollection services, ResourceType type, Selection selection)
        where T : ApiObject, new()
    {
        services.AddSingleton(provider =>
        {
            Informer<T> informer = ActivatorUtilities.CreateInstance<Informer<T>>(provider, type, selection);
            provider.GetRequiredService<RuntimeMetrics>().Observe(informer);
            return informer;
        });
        services.AddSingleton<IInformer>(static provider => provider.GetRequiredService<Informer<T>>());
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<Informer<T>>());
        return services.AddSingleton(static provider => provider.GetRequiredService<Informer<T>>().Store);
    }

    /// <summary>A controller of one kind, its queue, and the watches that fill it.</summary>
    public static IServiceCollection AddController<
        T,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TReconciler,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TWatches>(
        this IServiceCollection services, string name)
        where T : ApiObject
        where TReconciler : class, IReconciler
        where TWatches : class, IWatches
    {
        services.TryAddSingleton<TReconciler>();
        services.AddSingleton<IWatches, TWatches>();
        services.AddSingleton<ReconcileQueue<T>>();
        return services.AddSingleton(provider =>
        {
            var controller = ActivatorUtilities.CreateInstance<Controller>(
                provider,
                name,
                provider.GetRequiredService<ReconcileQueue<T>>().Keys,
                provider.GetRequiredService<TReconciler>(),
                ActivatorUtilities.CreateInstance<ItemBackoff<ObjectKey>>(provider));
            provider.GetRequiredService<RuntimeMetrics>().Observe(controller);
            return controller;
        });
    }

    /// <summary>Enqueues every object of the kind from time to time.</summary>
    public static IServiceCollection AddResync<T>(this IServiceCollection services)
        where T : ApiObject => services.AddSingleton<ILeaderLoop, ResyncLoop<T>>();
}
