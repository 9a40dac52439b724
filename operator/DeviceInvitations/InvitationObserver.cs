using System.Text.Json;
using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Kubernetes;

namespace MailOperator.DeviceInvitations;

/// <summary>Gathers the facts about an invitation. Never calls a backend.</summary>
internal sealed class InvitationObserver(
    ObjectStore<MailDevice> devices,
    ObjectStore<NamespaceMetadata> namespaces,
    LinkSecrets links,
    OfferResolver offers,
    DeliveryResolver deliveries,
    InvitationOptions options,
    KubernetesApi api,
    TimeProvider clock)
{
    /// <param name="invitation">The invitation, from the informer's store.</param>
    /// <param name="written">The link that this reconcile has just written; null if it has not.</param>
    /// <param name="created">The device that this reconcile has just created; null if it has not.</param>
    /// <param name="cancellationToken">Cancels the observation.</param>
    public async Task<InvitationSnapshot> ObserveAsync(
        DeviceInvitation invitation, LinkState? written, DeviceFound? created, CancellationToken cancellationToken)
    {
        InvitationSnapshot snapshot = Identify(invitation);
        if (snapshot.IsDeleting ? !snapshot.HasFinalizer : snapshot.IsNamespaceTerminating)
        {
            return snapshot;
        }

        LinkState link = written ?? await links.ObserveAsync(invitation, cancellationToken);
        snapshot = snapshot with
        {
            Device = created ?? await DeviceOfAsync(invitation, cancellationToken),
            Link = link,
            IsLinkNew = written is not null,
            Delivery = deliveries.Resolve(invitation, (link as LinkState.Owned)?.TokenHash, options.Relay),
        };
        return snapshot.IsDeleting ? snapshot : offers.Resolve(invitation, snapshot, clock.GetUtcNow());
    }

    private InvitationSnapshot Identify(DeviceInvitation invitation) => new()
    {
        Uid = invitation.Metadata.Uid,
        CreatedAt = invitation.Metadata.CreationTimestamp,
        IsDeleting = invitation.IsDeleting,
        HasFinalizer = invitation.Metadata.Finalizers?.Contains(Finalizers.Link) ?? false,
        IsNamespaceTerminating = namespaces.Find(new ObjectKey("", invitation.Metadata.NamespaceProperty))?.IsDeleting
            ?? false,
        DeviceName = InvitedDevice.KeyOf(invitation).Name,
        LinkSecretName = InvitedDevice.LinkSecretOf(invitation),
        ExpiresAt = InvitedDevice.EndOf(invitation),
        WasLinkReported = invitation.Status?.TokenHash is { Length: > 0 },
        Claim = invitation.Status?.Claim,
        Record = ClaimRecord.Of(invitation),
        MayChoose = invitation.Spec.ChosenPassword == ChosenPasswordPolicy.Allowed,
        ReportedDevice = invitation.Status?.DeviceRef,
    };

    /// <summary>
    /// The watch of devices may lag behind that of invitations. So a device that the invitation names is read live
    /// before it counts as deleted: that would discard the claimed password.
    /// </summary>
    private async Task<DeviceFound> DeviceOfAsync(DeviceInvitation invitation, CancellationToken cancellationToken)
    {
        ObjectKey key = InvitedDevice.KeyOf(invitation);
        DeviceFound cached = DeviceOf(invitation, devices.Find(key));
        return cached is DeviceFound.None
            && (ClaimRecord.Of(invitation)?.Device is not null || invitation.Status?.DeviceRef is not null)
            && await api.FindAsync(ApiGroup.MailDevices, key, cancellationToken) is { } live
                ? DeviceOf(invitation, Read(live))
                : cached;
    }

    private static MailDevice Read(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return ApiJson.Deserialize<MailDevice>(document.RootElement)!;
    }

    private static DeviceFound DeviceOf(DeviceInvitation invitation, MailDevice? device) => device switch
    {
        null => new DeviceFound.None(),
        _ when IsOwn(invitation, device) => new DeviceFound.Own(
            device.Metadata.Uid,
            (device.Status?.Credentials ?? []).FirstOrDefault(static one => one.State == CredentialState.Current)?.Id,
            StatusConditions.Find(device.Status?.Conditions ?? [], ConditionTypes.Ready)),
        _ when ClaimRecord.Of(invitation)?.Device is null => new DeviceFound.Foreign(),
        _ => new DeviceFound.None(), // somebody else's, under the name of the deleted one
    };

    // Without a record of the device, its UID in the status is no proof: the portal may have written it.
    private static bool IsOwn(DeviceInvitation invitation, MailDevice device) => ClaimRecord.Of(invitation) switch
    {
        { Device: { } recorded } => recorded == device.Metadata.Uid,
        { } => IsMadeBy(invitation, device),
        null => MayBeWitness(invitation, device) && IsMadeBy(invitation, device),
    };

    // Whoever may write MailDevices can create one that looks like ours. So it counts only if the status names it, if
    // there is a claim, or if the status is lost.
    private static bool MayBeWitness(DeviceInvitation invitation, MailDevice device) =>
        invitation.Status?.DeviceRef is { } reported
            ? reported.Uid == device.Metadata.Uid
            : invitation.Status?.Claim is not null || invitation.Status?.TokenHash is not { Length: > 0 };

    // And it must be the device that the person was offered.
    private static bool IsMadeBy(DeviceInvitation invitation, MailDevice device) =>
        Owner.IsOf(device, invitation.Metadata.Uid)
        && device.Spec.Password?.InvitationRef?.Name == invitation.Metadata.Name
        && device.Spec.Mailbox == invitation.Spec.Mailbox
        && device.Spec.BackendRef?.Name == invitation.Spec.BackendRef?.Name
        && device.Spec.UserRef?.Name == invitation.Spec.UserRef.Name;
}
