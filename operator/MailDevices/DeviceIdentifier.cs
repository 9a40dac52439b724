using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.MailDevices;

/// <summary>Reads the facts that the caches hold: from the object, its status and its namespace.</summary>
internal sealed class DeviceIdentifier(ObjectStore<NamespaceMetadata> namespaces, MailDeviceOptions options)
{
    public MailDeviceSnapshot Identify(MailDevice device)
    {
        var namespaceKey = new ObjectKey("", device.Metadata.NamespaceProperty);
        bool isNamespaceTerminating = namespaces.Find(namespaceKey)?.IsDeleting ?? false;
        return Suspension(device) with
        {
            CreatedAt = device.Metadata.CreationTimestamp is { } created
                ? new DateTimeOffset(created.ToUniversalTime(), TimeSpan.Zero)
                : null,
            UnknownPause = device.Annotation(Annotations.Paused) is { } pause and not ("true" or "false")
                ? pause
                : null,
            HasOwnWindow = device.Spec.Rotation?.Window is not null,
            IsDeleting = device.IsDeleting,
            DeletedAt = device.Metadata.DeletionTimestamp is { } deleted
                ? new DateTimeOffset(deleted.ToUniversalTime(), TimeSpan.Zero)
                : null,
            HasFinalizer = device.HasFinalizer,
            MayHaveSlots = device.HasFinalizer
                || device.Status is { Credentials.Length: > 0 } or { AdoptedUid: not null },
            IsNamespaceTerminating = isNamespaceTerminating,
            // A pause must not keep a namespace from being deleted.
            IsPaused = device.Annotation(Annotations.Paused) == "true"
                && !(device.IsDeleting && isNamespaceTerminating),
            DeletionPolicy = device.Spec.DeletionPolicy ?? DeletionPolicy.Revoke,
            AbandonToken = device.Annotation(Annotations.AbandonRevocation),
            RotateToken = device.Annotation(Annotations.Rotate) ?? "",
            RotateAndRevokeToken = device.Annotation(Annotations.RotateAndRevoke) ?? "",
            ReportedRotation = device.Status?.LastHandledRotation ?? "",
            ReportedRotateAndRevoke = device.Status?.LastHandledRotateAndRevoke ?? "",
            ReportedCredentials = [.. (device.Status?.Credentials ?? []).Select(static credential => credential.Id)],
            ReportedRetiring =
            [
                .. (device.Status?.Credentials ?? []).Where(static one => one is
                    { State: CredentialState.Retiring, RetireAt: not null })
                    .Select(static one => new RetiringCredential(one.Id, one.RetireAt!.Value)),
            ],
            IsForPerson = device.Spec.Password?.InvitationRef is not null,
            UncommittedSlotGrace = options.UncommittedSlotGrace,
        };
    }

    private static MailDeviceSnapshot Suspension(MailDevice device)
    {
        Condition[] conditions = device.Status?.Conditions ?? [];
        Condition? suspended = StatusConditions.Find(conditions, ConditionTypes.Suspended);
        return new MailDeviceSnapshot
        {
            Uid = device.Metadata.Uid,
            IsSuspensionComplete = suspended is not null
                && StatusConditions.Find(conditions, ConditionTypes.RevocationPending) is null,
            SuspendedSince = suspended?.LastTransitionTime,
        };
    }
}
