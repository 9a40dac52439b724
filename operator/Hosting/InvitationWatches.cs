using MailOperator.Api;
using MailOperator.DeviceInvitations;
using MailOperator.Kubernetes;

namespace MailOperator.Hosting;

/// <summary>What an invitation, its link, its device and what it is judged by have to tell each other.</summary>
internal static class InvitationWatches
{
    public static void Connect(
        Informer<DeviceInvitation> invitations,
        Informer<MailDevice> devices,
        Informer<MailBackend> backends,
        Informer<MailUser> users,
        Informer<MetadataObject> secrets,
        Informer<MetadataObject> namespaces,
        WorkQueue<ObjectKey> queue,
        WorkQueue<ObjectKey> deviceQueue)
    {
        invitations.Changed += (before, after) =>
        {
            if (DeviceWatches.IsNews(before, after, static invitation => invitation.Status?.Conditions is null) || IsClaimed(before, after))
            {
                queue.Add((after ?? before)!.Key, invitations.HasSynced ? QueueLane.Change : QueueLane.Resync); // a person waits at the page
            }

            DeviceInvitation invitation = (after ?? before)!;
            if (before?.Status?.DeviceRef?.Uid != after?.Status?.DeviceRef?.Uid || IsClaimed(before, after))
            {
                deviceQueue.Add(InvitedDevice.KeyOf(invitation), invitations.HasSynced ? QueueLane.Change : QueueLane.Resync);
            }
        };

        devices.Changed += (before, after) =>
        {
            MailDevice device = (after ?? before)!;
            if (device.Spec.Password?.InvitationRef is { } named)
            {
                queue.Add(new ObjectKey(device.Metadata.NamespaceProperty, named.Name), devices.HasSynced ? QueueLane.Change : QueueLane.Resync);
            }

            if ((before is null || after is null) && devices.HasSynced)
            {
                // The name was taken, or is free; and so may be a place of the quota of the namespace or of the mailbox.
                Wake(invitations.Store.ByIndex(ObjectIndexes.InvitationsByNamespace, device.Key.Namespace));
                Wake(invitations.Store.ByIndex(ObjectIndexes.InvitationsByMailbox, MailboxAddress.Normalize(device.Spec.Mailbox)));
            }
        };

        backends.Changed += (before, after) =>
        {
            if (DeviceWatches.IsNews(before, after, static _ => false))
            {
                Wake(invitations.Store.All);
            }
        };

        users.Changed += (before, after) =>
        {
            MailUser user = (after ?? before)!;
            if (DeviceWatches.IsNews(before, after, static _ => false))
            {
                Wake(invitations.Store.ByIndex(ObjectIndexes.InvitationsByUser, user.Key));
            }
        };

        secrets.Changed += (before, after) =>
        {
            MetadataObject secret = (after ?? before)!;
            foreach (string owner in (secret.Metadata.OwnerReferences ?? []).Where(static one => one.Kind == ApiGroup.DeviceInvitations.Kind).Select(static one => one.Name))
            {
                queue.Add(new ObjectKey(secret.Metadata.NamespaceProperty, owner), secrets.HasSynced ? QueueLane.Change : QueueLane.Resync);
            }
        };

        namespaces.Changed += (before, after) =>
        {
            if (before is not null && after is not null && before.Metadata.ResourceVersion != after.Metadata.ResourceVersion)
            {
                Wake(invitations.Store.ByIndex(ObjectIndexes.InvitationsByNamespace, after.Metadata.Name));
            }
        };

        void Wake(IEnumerable<DeviceInvitation> concerned)
        {
            foreach (DeviceInvitation invitation in concerned)
            {
                queue.Add(invitation.Key, QueueLane.Resync);
            }
        }
    }

    private static bool IsClaimed(DeviceInvitation? before, DeviceInvitation? after) => before?.Status?.Claim?.Id != after?.Status?.Claim?.Id;
}
