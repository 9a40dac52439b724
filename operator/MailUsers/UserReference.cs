using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.MailUsers;

/// <summary>The MailUser that a MailDevice names in <c>spec.userRef</c>.</summary>
internal static class UserReference
{
    /// <summary>Its key; null if the device names none.</summary>
    public static ObjectKey? Of(MailDevice device) =>
        device.Spec.UserRef is { } named ? new ObjectKey(device.Metadata.NamespaceProperty, named.Name) : null;
}
