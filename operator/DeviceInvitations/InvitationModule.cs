using MailOperator.Api;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Kubernetes;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MailOperator.DeviceInvitations;

/// <summary>Registers the kind DeviceInvitation.</summary>
internal static class InvitationModule
{
    public static IServiceCollection AddDeviceInvitations(this IServiceCollection services)
    {
        services.TryAddSingleton<InvitationOptions>();
        services.TryAddSingleton<IInvitationMailer, InvitationMailer>();
        return services
            .AddInformer<DeviceInvitation>(ApiGroup.DeviceInvitations, Selection.Everything)
            .AddController<DeviceInvitation, DeviceInvitationReconciler, InvitationWatches>("deviceinvitation")
            .AddResync<DeviceInvitation>()
            .AddSingleton<InvitationObserver>()
            .AddSingleton<OfferResolver>()
            .AddSingleton<RecipientDomains>()
            .AddSingleton<MailBudget>()
            .AddSingleton<MailMetrics>()
            .AddSingleton<DeliveryResolver>()
            .AddSingleton<LinkSecrets>()
            .AddSingleton<InvitationApplier>()
            .AddSingleton<InvitationAudit>()
            .AddSingleton<InvitationDelivery>()
            .AddSingleton<InvitationStatusWriter>();
    }
}
