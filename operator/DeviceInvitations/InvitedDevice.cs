using System.Text.Json;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.DeviceInvitations;

/// <summary>The MailDevice that an invitation leads to: its name, what it will be like, and how it is made.</summary>
internal static class InvitedDevice
{
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(30);

    public static ObjectKey KeyOf(DeviceInvitation invitation) =>
        new(invitation.Metadata.NamespaceProperty, invitation.Spec.Device?.Name ?? invitation.Metadata.Name);

    /// <summary>The device's name for people.</summary>
    public static string DisplayNameOf(DeviceInvitation invitation) => invitation.Spec.Device?.DisplayName ?? KeyOf(invitation).Name;

    public static string LinkSecretOf(DeviceInvitation invitation) => invitation.Spec.LinkSecret?.Name ?? $"{invitation.Metadata.Name}-invitation";

    /// <summary>When the link ends. Counted from the creation, so that nothing but the spec can move it; whole seconds, UTC.</summary>
    public static DateTimeOffset EndOf(DeviceInvitation invitation)
    {
        TimeSpan asked = invitation.Spec.ExpireAfter is { } text ? Durations.Parse(text) ?? TimeSpan.Zero : MaxLifetime;
        DateTimeOffset created = invitation.Metadata.CreationTimestamp is { } time ? new DateTimeOffset(time.ToUniversalTime()) : DateTimeOffset.UnixEpoch;
        return Rfc3339.WholeSeconds(created + (asked < MaxLifetime ? asked : MaxLifetime));
    }

    /// <summary>The device as it would be if the invitation were claimed at this moment, without a UID.</summary>
    public static MailDevice Of(DeviceInvitation invitation, DateTimeOffset now)
    {
        InvitedDeviceSpec? device = invitation.Spec.Device;
        ObjectKey key = KeyOf(invitation);
        return new MailDevice
        {
            Metadata = new() { Name = key.Name, NamespaceProperty = key.Namespace, Uid = "", CreationTimestamp = now.UtcDateTime },
            Spec = new MailDeviceSpec
            {
                BackendRef = invitation.Spec.BackendRef,
                Mailbox = invitation.Spec.Mailbox,
                DisplayName = device?.DisplayName,
                DeviceType = device?.DeviceType,
                UserRef = invitation.Spec.UserRef,
                Protocols = device?.Protocols,
                AllowedNetworks = device?.AllowedNetworks,
                Expiry = device?.Expiry,
                Password = new PasswordSpec { InvitationRef = new ObjectReference { Name = invitation.Metadata.Name } },
            },
        };
    }

    /// <summary>The request that makes it. It belongs to the invitation, so that deleting the one ends the other.</summary>
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
        JsonSerializer.Serialize(json, device.Spec, ApiJson.Options);
        json.WriteEndObject();
    });
}
