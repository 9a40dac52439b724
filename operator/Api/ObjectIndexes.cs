using MailOperator.Kubernetes;

namespace MailOperator.Api;

/// <summary>Indexes of the caches, to find the objects that a change of another object concerns.</summary>
internal static class ObjectIndexes
{
    /// <summary>By the MailUser that a device names.</summary>
    public static readonly ObjectIndex<MailDevice, ObjectKey> DevicesByUser = new(static device =>
        device.Spec.UserRef is { } user ? [new ObjectKey(device.Key.Namespace, user.Name)] : []);

    /// <summary>
    /// By the Secrets of others that a device waits for: the source of its chosen password, and the one that has the
    /// name of its own.
    /// </summary>
    public static readonly ObjectIndex<MailDevice, ObjectKey> DevicesBySecret = new(static device =>
    [
        .. device.Spec.Password?.ValueFrom is { } source
            ? [new ObjectKey(device.Key.Namespace, source.SecretKeyRef.Name)]
            : Array.Empty<ObjectKey>(),
        .. device.Status?.Conditions?.Any(static one => one.Reason == Reasons.SecretForeign) ?? false
            ? [new ObjectKey(device.Key.Namespace, device.Spec.Secret?.Name ?? device.Key.Name)]
            : Array.Empty<ObjectKey>(),
    ]);

    public static readonly ObjectIndex<MailDevice, string> DevicesByNamespace =
        new(static device => [device.Key.Namespace]);

    public static readonly ObjectIndex<DeviceInvitation, string> InvitationsByNamespace = new(static invitation =>
        [invitation.Key.Namespace]);

    /// <summary>By the mailbox in its normal form.</summary>
    public static readonly ObjectIndex<DeviceInvitation, string> InvitationsByMailbox = new(static invitation =>
        [MailboxAddress.Normalize(invitation.Spec.Mailbox)]);

    /// <summary>By the MailUser who will hold the password.</summary>
    public static readonly ObjectIndex<DeviceInvitation, ObjectKey> InvitationsByUser = new(static invitation =>
        [new ObjectKey(invitation.Key.Namespace, invitation.Spec.UserRef.Name)]);

    /// <summary>By the MailBackends that the spec and the status of a device name; "" if they name none.</summary>
    private static readonly ObjectIndex<MailDevice, string> DevicesByBackend = new(static device =>
        (device.Spec.BackendRef?.Name, device.BoundBackend) switch
        {
            ({ Length: > 0 } named, { Length: > 0 } bound) when named != bound => [named, bound],
            ({ Length: > 0 } named, _) => [named],
            (_, { Length: > 0 } bound) => [bound],
            _ => [""],
        });

    /// <summary>
    /// Devices that a change of this MailBackend may concern: those that name it or have their credential there, and
    /// those without a backend, which use the default.
    /// </summary>
    public static IEnumerable<MailDevice> DevicesThatMayUse(this ObjectStore<MailDevice> devices, string backend) =>
        [.. devices.ByIndex(DevicesByBackend, backend), .. devices.ByIndex(DevicesByBackend, "")];
}
