using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.MailUsers;

/// <summary>
/// Looks after a MailUser: how many devices name it, and that it is not deleted while they do, for with it would go
/// what it forbids them. What it allows is judged where each device is.
/// </summary>
internal sealed class MailUserReconciler(
    ObjectStore<MailUser> users, ObjectStore<MailDevice> devices, InUseFinalizer hold, ReadyReporter reporter) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (users.Find(key) is not { } user)
        {
            return ReconcileResult.Done;
        }

        IReadOnlyList<MailDevice> named = devices.ByIndex(ObjectIndexes.DevicesByUser, key);
        if (user.IsDeleting && named.Count == 0)
        {
            await hold.LiftAsync(user, cancellationToken);
            return ReconcileResult.Done;
        }

        if (!user.IsDeleting)
        {
            await hold.PlaceAsync(user, cancellationToken);
        }

        await reporter.PublishAsync(
            user,
            user.Status,
            user.Status?.Conditions,
            Judge(user, named),
            others: [],
            conditions => new MailUserStatus { ObservedGeneration = user.Metadata.Generation, Devices = named.Count, Conditions = conditions },
            cancellationToken);
        return ReconcileResult.Done;
    }

    private static Condition Judge(MailUser user, IReadOnlyList<MailDevice> named) =>
        user.IsDeleting ? Ready("False", Reasons.UserInUse, InUseFinalizer.Explain(named))
            : user.DecodeError is { } error ? Ready("False", Reasons.InvalidSpec, $"The object does not fit its schema, so its devices stay as they are: {error}")
            : user.Spec.EmailAddress is { } address && !MailboxAddress.IsValid(address)
                ? Ready("False", Reasons.InvalidSpec, $"spec.emailAddress '{address}' is not a mail address that can be used")
            : user.Spec.Suspended ?? false ? Ready("True", Reasons.UserSuspended, "The mail system refuses all its devices while spec.suspended is true")
            : user.Spec.Sending == SendingRight.Denied ? Ready("True", Reasons.UserReady, "Its devices may read mail and may not send while spec.sending is Denied")
            : Ready("True", Reasons.UserReady, "Its devices may do what they are set to");

    private static Condition Ready(string status, string reason, string message) =>
        new() { Type = ConditionTypes.Ready, Status = status, Reason = reason, Message = message };
}
