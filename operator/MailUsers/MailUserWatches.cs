using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.MailUsers;

/// <summary>
/// Requeues MailUsers when they change, or when what the devices that name them tell them does. However many devices
/// change, a user is looked at once in <see cref="InUseFinalizer.CountDelay"/>, and that long after the last change.
/// </summary>
internal sealed class MailUserWatches(
    Informer<MailUser> users, Informer<MailDevice> devices, ReconcileQueue<MailUser> queue) : IWatches
{
    public void Connect()
    {
        users.Changed += (before, after) =>
        {
            if (ObjectNews.Is(before, after, static user => user.Status?.Conditions is null))
            {
                queue.Add((after ?? before)!.Key, users.Lane);
            }
        };
        devices.Changed += (before, after) =>
        {
            ObjectKey? left = before is null ? null : UserReference.Of(before);
            ObjectKey? joined = after is null ? null : UserReference.Of(after);
            if ((left is null && joined is null) || (left == joined && TellTheSame(before, after)))
            {
                return;
            }

            foreach (ObjectKey key in new[] { left, joined }.OfType<ObjectKey>())
            {
                queue.Keys.AddAfter(key, InUseFinalizer.CountDelay, QueueLane.Resync);
            }
        };
    }
    private static bool TellTheSame(MailDevice? before, MailDevice? after) =>
        before is not null && after is not null
        && before.Metadata.Uid == after.Metadata.Uid
        && FollowerFacts.Of(before) == FollowerFacts.Of(after);
}
