using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.MailUsers;

/// <summary>
/// Reconciles a MailUser: counts the devices that name it and keeps it from being deleted while there are any, because
/// its restrictions would be lost with it. The restrictions themselves are applied to each device.
/// </summary>
internal sealed class MailUserReconciler(
    ObjectStore<MailUser> users, ObjectStore<MailDevice> devices, InUseFinalizer finalizer, ReadyReporter reporter)
    : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (users.Find(key) is not { } user)
        {
            reporter.Forget(key);
            return ReconcileResult.Done;
        }

        IReadOnlyList<MailDevice> named = devices.ByIndex(ObjectIndexes.DevicesByUser, key);
        if (user.IsDeleting && named.Count == 0)
        {
            await finalizer.RemoveAsync(user, cancellationToken);
            return ReconcileResult.Done;
        }

        if (!user.IsDeleting)
        {
            await finalizer.AddAsync(user, cancellationToken);
        }

        await reporter.PublishAsync(
            user,
            user.Status,
            user.Status?.Conditions,
            Judge(user, named),
            others: [],
            conditions => new MailUserStatus
            {
                ObservedGeneration = user.Metadata.Generation,
                Devices = named.Count,
                Conditions = conditions,
            },
            cancellationToken);
        return ReconcileResult.Done;
    }

    private static Condition Judge(MailUser user, IReadOnlyList<MailDevice> named) => user switch
    {
        { IsDeleting: true } => NotReady(Reasons.UserInUse, InUseFinalizer.Explain(named)),
        { DecodeError: { } error } => NotReady(
            Reasons.InvalidSpec, $"The object does not fit its schema, so its devices stay as they are: {error}"),
        { Spec.EmailAddress: { } address } when !MailboxAddress.IsValid(address) => NotReady(
            Reasons.InvalidSpec, $"spec.emailAddress '{address}' is not a mail address that can be used"),
        { Spec.Suspended: true } => Ready(
            Reasons.UserSuspended, "The mail system refuses all its devices while spec.suspended is true"),
        { Spec.Sending: SendingRight.Denied } => Ready(
            Reasons.UserReady, "Its devices may read mail and may not send while spec.sending is Denied"),
        _ => Ready(Reasons.UserReady, "Its devices are not restricted"),
    };

    private static Condition Ready(string reason, string message) =>
        Conditions.True(ConditionTypes.Ready, reason, message);

    private static Condition NotReady(string reason, string message) =>
        Conditions.False(ConditionTypes.Ready, reason, message);
}
