using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.MailUsers;

/// <summary>Requeues MailUsers when they or the devices that name them change.</summary>
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
            if (left == joined && before?.Metadata.Uid == after?.Metadata.Uid)
            {
                return;
            }

            foreach (ObjectKey key in new[] { left, joined }.OfType<ObjectKey>())
            {
                queue.Keys.AddAfter(key, InUseFinalizer.CountDelay, QueueLane.Resync);
            }
        };
    }
}
