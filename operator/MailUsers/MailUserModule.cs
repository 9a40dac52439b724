using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.MailUsers;

/// <summary>Registers the kind MailUser.</summary>
internal static class MailUserModule
{
    public static IServiceCollection AddMailUsers(this IServiceCollection services) => services
        .AddInformer<MailUser>(ApiGroup.MailUsers, Selection.Everything)
        .AddSingleton(static provider => ActivatorUtilities.CreateInstance<MailUserReconciler>(
            provider,
            ActivatorUtilities.CreateInstance<InUseFinalizer>(provider, ApiGroup.MailUsers),
            ActivatorUtilities.CreateInstance<ReadyReporter>(provider, ApiGroup.MailUsers)))
        .AddController<MailUser, MailUserReconciler, MailUserWatches>("mailuser");
}
