using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Credentials;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Verification;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MailOperator.MailDevices;

/// <summary>Registers the reconciler of MailDevices and what it uses.</summary>
internal static class MailDeviceModule
{
    public static IServiceCollection AddMailDevices(this IServiceCollection services)
    {
        services.TryAddSingleton<MailDeviceOptions>();
        services.TryAddSingleton<Wait>(static provider =>
            (time, token) => Task.Delay(time, provider.GetRequiredService<TimeProvider>(), token));
        return services
            .AddInformer<MailDevice>(ApiGroup.MailDevices, Selection.Everything)
            .AddController<MailDevice, MailDeviceReconciler, MailDeviceWatches>("maildevice")
            .AddSingleton<IWatches, WaitingDeviceWatches>()
            .AddResync<MailDevice>()
            .AddObserver()
            .AddApplier()
            .AddSingleton<DeviceAudit>()
            .AddSingleton<MailDeviceStatusWriter>();
    }

    private static IServiceCollection AddObserver(this IServiceCollection services) => services
        .AddSingleton<MailDeviceObserver>()
        .AddSingleton<DeviceIdentifier>()
        .AddSingleton<SlotLister>()
        .AddSingleton<DeviceResolver>()
        .AddSingleton<DeviceSecretObserver>()
        .AddSingleton<RestoredSecrets>()
        .AddSingleton<SecretMemory>()
        .AddSingleton<SecretProofs>()
        .AddSingleton<LoginCheckFinder>();

    private static IServiceCollection AddApplier(this IServiceCollection services) => services
        .AddSingleton<MailDeviceApplier>()
        .AddSingleton<DeviceSecrets>()
        .AddSingleton<CredentialChanges>()
        .AddSingleton<CredentialIssuer>()
        .AddSingleton<UnconfirmedSlots>()
        .AddSingleton<CredentialRecorder>()
        .AddSingleton<ClaimedPasswordIssuer>()
        .AddSingleton<DeviceFreshness>()
        .AddSingleton<RevocationChanges>()
        .AddSingleton<EndedLoginChanges>()
        .AddSingleton<DeviceObject>()
        .AddSingleton<LoginVerifier>()
        .AddSingleton<RolloutRestarter>();
}
