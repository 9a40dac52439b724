using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.MailUsers;

/// <summary>
/// Reconciles a MailUser: reports from the devices that name it whether they follow it, and keeps it from being deleted
/// while there are any, because its restrictions would be lost with it. They are applied to each device.
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

        var followers = UserFollowers.Of(user, named);
        await reporter.PublishAsync(
            user,
            user.Status,
            user.Status?.Conditions,
            UserConditions.Ready(user, named, followers),
            UserConditions.Others(followers),
            conditions => new MailUserStatus
            {
                ObservedGeneration = user.Metadata.Generation,
                Devices = followers.Count,
                FollowingDevices = followers.Following,
                Conditions = conditions,
            },
            cancellationToken);
        return ReconcileResult.Done;
    }
}
