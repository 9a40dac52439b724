using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.Kubernetes;

namespace MailOperator.DeviceInvitations;

/// <summary>What calls for a look at DeviceInvitations, and at the devices that were made for them.</summary>
internal sealed class InvitationWatches(
    Informer<DeviceInvitation> invitations,
    Informer<MailDevice> devices,
    Informer<MailBackend> backends,
    Informer<MailUser> users,
    Informer<SecretMetadata> secrets,
    Informer<NamespaceMetadata> namespaces,
    ReconcileQueue<DeviceInvitation> queue,
    ReconcileQueue<MailDevice> deviceQueue) : IWatches
{
    public void Connect()
    {
        invitations.Changed += OnInvitation;
        devices.Changed += OnDevice;
        backends.Changed += OnBackend;
        users.Changed += OnUser;
        secrets.Changed += OnSecret;
        namespaces.Changed += OnNamespace;
    }

    private void OnInvitation(DeviceInvitation? before, DeviceInvitation? after)
    {
        DeviceInvitation invitation = (after ?? before)!;
        if (ObjectNews.Is(before, after, static one => one.Status?.Conditions is null)
            || IsClaimed(before, after) || IsRewritten(before?.Status, after?.Status))
        {
            queue.Add(invitation.Key, invitations.Lane); // a person waits at the page
        }

        if (ClaimRecord.Of(before)?.Device != ClaimRecord.Of(after)?.Device || IsClaimed(before, after))
        {
            deviceQueue.Add(InvitedDevice.KeyOf(invitation), invitations.Lane);
        }
    }

    private void OnDevice(MailDevice? before, MailDevice? after)
    {
        MailDevice device = (after ?? before)!;
        if (device.Spec.Password?.InvitationRef is { } named)
        {
            queue.Add(new ObjectKey(device.Metadata.NamespaceProperty, named.Name), devices.Lane);
        }

        if ((before is null || after is null) && devices.HasSynced)
        {
            // The name was taken, or is free; and so may be a place in the quota of the namespace or of the mailbox.
            queue.AddAll(invitations.Store.ByIndex(ObjectIndexes.InvitationsByNamespace, device.Key.Namespace));
            queue.AddAll(invitations.Store.ByIndex(
                ObjectIndexes.InvitationsByMailbox, MailboxAddress.Normalize(device.Spec.Mailbox)));
        }
    }

    private void OnBackend(MailBackend? before, MailBackend? after)
    {
        if (ObjectNews.Is(before, after))
        {
            queue.AddAll(invitations.Store.All);
        }
    }

    private void OnUser(MailUser? before, MailUser? after)
    {
        if (ObjectNews.Is(before, after))
        {
            queue.AddAll(invitations.Store.ByIndex(ObjectIndexes.InvitationsByUser, (after ?? before)!.Key));
        }
    }

    private void OnSecret(SecretMetadata? before, SecretMetadata? after)
    {
        SecretMetadata secret = (after ?? before)!;
        foreach (k8s.Models.V1OwnerReference owner in secret.Metadata.OwnerReferences ?? [])
        {
            if (owner.Kind == ApiGroup.DeviceInvitations.Kind)
            {
                queue.Add(new ObjectKey(secret.Metadata.NamespaceProperty, owner.Name), secrets.Lane);
            }
        }
    }

    private void OnNamespace(NamespaceMetadata? before, NamespaceMetadata? after)
    {
        if (ObjectNews.IsOfNamespace(before, after))
        {
            queue.AddAll(invitations.Store.ByIndex(ObjectIndexes.InvitationsByNamespace, after!.Metadata.Name));
        }
    }

    // The portal may write these, but has no reason to: what does not fit the record is put right at once.
    private static bool IsRewritten(DeviceInvitationStatus? before, DeviceInvitationStatus? after) =>
        before?.DeviceRef?.Uid != after?.DeviceRef?.Uid
        || (before?.TokenHash is { Length: > 0 } hash && hash != after?.TokenHash);

    private static bool IsClaimed(DeviceInvitation? before, DeviceInvitation? after) =>
        before?.Status?.Claim?.Id != after?.Status?.Claim?.Id
        || before?.Status?.Claim?.Hash != after?.Status?.Claim?.Hash;
}
