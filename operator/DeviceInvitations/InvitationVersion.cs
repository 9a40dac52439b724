using k8s.Models;
using MailOperator.Api;

namespace MailOperator.DeviceInvitations;

/// <summary>An invitation as it is after one of our own writes, before its watch shows it.</summary>
internal static class InvitationVersion
{
    /// <param name="before">The version that was written over.</param>
    /// <param name="version">The new resource version; null if the object is gone.</param>
    /// <param name="status">The status that was written; null if it was not.</param>
    /// <param name="annotations">The annotations that were written; null if they were not.</param>
    public static DeviceInvitation After(
        DeviceInvitation before,
        string? version,
        DeviceInvitationStatus? status = null,
        IDictionary<string, string>? annotations = null) => new()
        {
            Metadata = new V1ObjectMeta
            {
                Name = before.Metadata.Name,
                NamespaceProperty = before.Metadata.NamespaceProperty,
                Uid = before.Metadata.Uid,
                Generation = before.Metadata.Generation,
                CreationTimestamp = before.Metadata.CreationTimestamp,
                Annotations = annotations ?? before.Metadata.Annotations,
                Finalizers = before.Metadata.Finalizers,
                ResourceVersion = version ?? before.Metadata.ResourceVersion,
            },
            Spec = before.Spec,
            Status = status ?? before.Status,
            DecodeError = before.DecodeError,
        };
}
