using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.DeviceInvitations;

/// <summary>The MailDevice that is created for a claim: its name, its spec and the request that creates it.</summary>
internal static class InvitedDevice
{
    /// <summary>The longest time that a link can be used, and the default.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(30);

    public static ObjectKey KeyOf(DeviceInvitation invitation) =>
        new(invitation.Metadata.NamespaceProperty, invitation.Spec.Device?.Name ?? invitation.Metadata.Name);

    /// <summary>The device's name for people.</summary>
    public static string DisplayNameOf(DeviceInvitation invitation) =>
        invitation.Spec.Device?.DisplayName ?? KeyOf(invitation).Name;

    /// <summary>Name of the Secret with the link.</summary>
    public static string LinkSecretOf(DeviceInvitation invitation) =>
        invitation.Spec.LinkSecret?.Name ?? $"{invitation.Metadata.Name}-invitation";

    /// <summary>
    /// When the link expires; whole seconds, UTC. Counted from the invitation's creation, so only the spec can move it.
    /// </summary>
    public static DateTimeOffset EndOf(DeviceInvitation invitation)
    {
        TimeSpan asked = invitation.Spec.ExpireAfter is { } text ? Durations.Parse(text) ?? TimeSpan.Zero : MaxLifetime;
        DateTimeOffset created = invitation.Metadata.CreationTimestamp is { } time
            ? new DateTimeOffset(time.ToUniversalTime())
            : DateTimeOffset.UnixEpoch;
        return Rfc3339.WholeSeconds(created + (asked < MaxLifetime ? asked : MaxLifetime));
    }

    /// <summary>The device as it would be if the invitation were claimed now, without a UID.</summary>
    public static MailDevice Of(DeviceInvitation invitation, DateTimeOffset now)
    {
        InvitedDeviceSpec? device = invitation.Spec.Device;
        ObjectKey key = KeyOf(invitation);
        return new MailDevice
        {
            Metadata = new()
            {
                Name = key.Name,
                NamespaceProperty = key.Namespace,
                Uid = "",
                CreationTimestamp = now.UtcDateTime,
            },
            Spec = new MailDeviceSpec
            {
                BackendRef = invitation.Spec.BackendRef,
                Mailbox = MailboxAddress.Normalize(invitation.Spec.Mailbox), // a new MailDevice may have no capitals
                DisplayName = device?.DisplayName,
                DeviceType = device?.DeviceType,
                UserRef = invitation.Spec.UserRef,
                Protocols = device?.Protocols,
                AllowedNetworks = device?.AllowedNetworks,
                Expiry = device?.Expiry,
                Password = new PasswordSpec
                {
                    InvitationRef = new ObjectReference { Name = invitation.Metadata.Name },
                },
            },
        };
    }

    /// <summary>
    /// The request that creates it. The invitation owns the device, so deleting the invitation deletes the device.
    /// </summary>
    public static byte[] Body(DeviceInvitation invitation, DateTimeOffset now) => ApiJson.Write(json =>
    {
        MailDevice device = Of(invitation, now);
        json.WriteStartObject();
        json.WriteString("apiVersion", ApiGroup.MailDevices.ApiVersion);
        json.WriteString("kind", ApiGroup.MailDevices.Kind);
        json.WriteStartObject("metadata");
        json.WriteString("name", device.Metadata.Name);
        Owner.Write(json, ApiGroup.DeviceInvitations, invitation);
        json.WriteEndObject();
        json.WritePropertyName("spec");
        ApiJson.Write(json, device.Spec);
        json.WriteEndObject();
    });
}
