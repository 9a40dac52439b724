using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailUsers;

namespace MailOperator.Hosting;

/// <summary>What a MailUser and the devices that name it have to tell each other.</summary>
internal static class UserWatches
{
    public static void Connect(
        Informer<MailDevice> devices, Informer<MailUser> users, WorkQueue<ObjectKey> deviceQueue, WorkQueue<ObjectKey> userQueue)
    {
        users.Changed += (before, after) =>
        {
            if (!DeviceWatches.IsNews(before, after, static user => user.Status?.Conditions is null))
            {
                return;
            }

            ObjectKey key = (after ?? before)!.Key;
            userQueue.Add(key, users.HasSynced ? QueueLane.Change : QueueLane.Resync);
            foreach (MailDevice device in devices.Store.ByIndex(ObjectIndexes.DevicesByUser, key))
            {
                // A person waits for it: whoever stops somebody from sending wants it done now.
                deviceQueue.Add(device.Key, users.HasSynced ? QueueLane.Change : QueueLane.Resync);
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
                userQueue.AddAfter(key, DeviceWatches.CountDelay, QueueLane.Resync);
            }
        };
    }
}
