using System.Text.Json;
using MailOperator.Api;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Kubernetes;

namespace MailOperator.DeviceInvitations;

/// <summary>Gathers the facts about an invitation. No backend is ever called for one.</summary>
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
    /// <param name="written">Its link as this pass has just written it, if it has.</param>
    /// <param name="made">Its device as this pass has just made it, if it has.</param>
    /// <param name="cancellationToken">Ends the observation.</param>
    public async Task<InvitationSnapshot> ObserveAsync(
        DeviceInvitation invitation, LinkState? written, DeviceFound? made, CancellationToken cancellationToken)
    {
        InvitationSnapshot snapshot = Identify(invitation);
        if (snapshot.IsDeleting ? !snapshot.HasFinalizer : snapshot.IsNamespaceGoing)
        {
            return snapshot;
        }

        LinkState link = written ?? await links.ObserveAsync(invitation, cancellationToken);
        snapshot = snapshot with
        {
            Device = made ?? await DeviceOfAsync(invitation, cancellationToken),
            Link = link,
            IsLinkNew = written is not null,
            Delivery = deliveries.Resolve(invitation, (link as LinkState.Owned)?.TokenHash, options.Relay),
        };
        return snapshot.IsDeleting ? snapshot : offers.Resolve(invitation, snapshot, clock.GetUtcNow());
    }

    private InvitationSnapshot Identify(DeviceInvitation invitation) => new()
    {
        Uid = invitation.Metadata.Uid,
        IsDeleting = invitation.IsDeleting,
        HasFinalizer = invitation.Metadata.Finalizers?.Contains(Finalizers.Link) ?? false,
        IsNamespaceGoing = namespaces.Find(new ObjectKey("", invitation.Metadata.NamespaceProperty))?.IsDeleting ?? false,
        DeviceName = InvitedDevice.KeyOf(invitation).Name,
        LinkSecretName = InvitedDevice.LinkSecretOf(invitation),
        ExpiresAt = InvitedDevice.EndOf(invitation),
        WasLinkReported = invitation.Status?.TokenHash is { Length: > 0 },
        Claim = invitation.Status?.Claim,
        MayChoose = invitation.Spec.ChosenPassword == ChosenPasswordPolicy.Allowed,
        ReportedDevice = invitation.Status?.DeviceRef,
        WasClaimReported = (invitation.Status?.Conditions ?? []).Any(static one => one is { Type: ConditionTypes.Claimed, Status: "True" }),
    };

    /// <summary>
    /// The watch of devices may lag behind that of invitations: a device that was made a moment ago is asked for before it counts
    /// as deleted, which would throw the person's password away.
    /// </summary>
    private async Task<DeviceFound> DeviceOfAsync(DeviceInvitation invitation, CancellationToken cancellationToken) =>
        DeviceOf(invitation, devices.Find(InvitedDevice.KeyOf(invitation))) is var seen && seen is DeviceFound.None && invitation.Status?.DeviceRef is not null
        && await api.FindAsync(ApiGroup.MailDevices, InvitedDevice.KeyOf(invitation), cancellationToken) is { } live
            ? DeviceOf(invitation, Read(live))
            : seen;

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
        _ when invitation.Status?.DeviceRef is null => new DeviceFound.Foreign(),
        _ => new DeviceFound.None(), // somebody else's, under the name of the deleted one
    };

    private static bool IsOwn(DeviceInvitation invitation, MailDevice device) =>
        invitation.Status?.DeviceRef is { } reported
            ? reported.Uid == device.Metadata.Uid
            : MayBeWitness(invitation) && IsMadeBy(invitation, device);

    // Whoever may write MailDevices can make one that looks so: it counts where a claim asks for one, or where the status is lost.
    private static bool MayBeWitness(DeviceInvitation invitation) =>
        invitation.Status?.Claim is not null || invitation.Status?.TokenHash is not { Length: > 0 };

    // And it must be the one that the person was promised.
    private static bool IsMadeBy(DeviceInvitation invitation, MailDevice device) =>
        Owner.IsOf(device, invitation.Metadata.Uid)
        && device.Spec.Password?.InvitationRef?.Name == invitation.Metadata.Name
        && device.Spec.Mailbox == invitation.Spec.Mailbox
        && device.Spec.BackendRef?.Name == invitation.Spec.BackendRef?.Name
        && device.Spec.UserRef?.Name == invitation.Spec.UserRef.Name;
}
