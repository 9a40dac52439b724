using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Claims;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.MailBackends;

/// <summary>Registers the kind MailBackend and the checks of grants and quotas.</summary>
internal static class MailBackendModule
{
    public static IServiceCollection AddMailBackends(this IServiceCollection services) => services
        .AddInformer<MailBackend>(ApiGroup.MailBackends, Selection.Everything)
        .AddSingleton(Reconciler)
        .AddController<MailBackend, MailBackendReconciler, MailBackendWatches>("mailbackend")
        .AddSingleton<ListingPace>()
        .AddSingleton<DeviceLister>()
        .AddSingleton<VanishedLister>()
        .AddSingleton<OrphanMemory>()
        .AddSingleton<SeenDevices>()
        .AddSingleton<SlotEnder>()
        .AddSingleton<SlotMetrics>()
        .AddSingleton<UnownedCollector>()
        .AddSingleton<UnownedEvents>()
        .AddSingleton(static provider => ActivatorUtilities.CreateInstance<BackendProber>(
            provider, provider.GetRequiredService<ReconcileQueue<MailDevice>>().Keys))
        .AddSingleton<OperatorIdentity>()
        .AddSingleton<BackendMetrics>()
        .AddSingleton(static provider =>
            ActivatorUtilities.CreateInstance<BackendRegistry>(
                provider,
                provider.GetServices<IMailBackendDriver>().ToArray(),
                provider.GetRequiredService<ControllerOptions>().Workers))
        .AddSingleton<IReportedCredentials, ReportedCredentialIndex>()
        .AddSingleton<UnaskedBudget>()
        .AddSingleton<DeviceBackends>()
        .AddSingleton<ClaimedPasswords>()
        .AddSingleton<QuotaLedger>()
        .AddSingleton<DeviceGrants>();

    private static MailBackendReconciler Reconciler(IServiceProvider provider) =>
        ActivatorUtilities.CreateInstance<MailBackendReconciler>(
            provider,
            ActivatorUtilities.CreateInstance<InUseFinalizer>(provider, ApiGroup.MailBackends),
            ActivatorUtilities.CreateInstance<ReadyReporter>(provider, ApiGroup.MailBackends));
}
