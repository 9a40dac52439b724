using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Planning;

namespace MailOperator.MailDevices;

/// <summary>What the object itself, its namespace and its status say, before anything is asked.</summary>
internal sealed class DeviceIdentifier(ObjectStore<NamespaceMetadata> namespaces, MailDeviceOptions options)
{
    public MailDeviceSnapshot Identify(MailDevice device)
    {
        bool isNamespaceGoing = namespaces.Find(new ObjectKey("", device.Metadata.NamespaceProperty))?.IsDeleting ?? false;
        return Suspension(device) with
        {
            IsDeleting = device.IsDeleting,
            DeletedAt = device.Metadata.DeletionTimestamp is { } deleted ? new DateTimeOffset(deleted.ToUniversalTime(), TimeSpan.Zero) : null,
            HasFinalizer = device.Metadata.Finalizers?.Contains(Finalizers.Revocation) ?? false,
            IsNamespaceGoing = isNamespaceGoing,
            // A namespace that goes takes all of its devices along: a pause would hold it for ever.
            IsPaused = device.Annotation(Annotations.Paused) == "true" && !(device.IsDeleting && isNamespaceGoing),
            DeletionPolicy = device.Spec.DeletionPolicy ?? DeletionPolicy.Revoke,
            AbandonToken = device.Annotation(Annotations.AbandonRevocation),
            RotateToken = device.Annotation(Annotations.Rotate) ?? "",
            RotateAndRevokeToken = device.Annotation(Annotations.RotateAndRevoke) ?? "",
            ReportedRotateAndRevoke = device.Status?.LastHandledRotateAndRevoke ?? "",
            ReportedCredentials = [.. (device.Status?.Credentials ?? []).Select(static credential => credential.Id)],
            UncommittedSlotGrace = options.UncommittedSlotGrace,
        };
    }

    private static MailDeviceSnapshot Suspension(MailDevice device)
    {
        Condition[] conditions = device.Status?.Conditions ?? [];
        bool isReported = StatusConditions.Find(conditions, ConditionTypes.Ready)?.Reason is Reasons.Suspended or Reasons.UserSuspended;
        Condition? pending = StatusConditions.Find(conditions, ConditionTypes.RevocationPending);
        return new MailDeviceSnapshot
        {
            Uid = device.Metadata.Uid,
            IsSuspensionComplete = isReported && pending is null,
            SuspensionPendingSince = isReported ? pending?.LastTransitionTime : null,
        };
    }
}
