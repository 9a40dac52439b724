using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.MailDevices;

/// <summary>Writes the finalizer of a MailDevice, and says in events and in the log what was done to it.</summary>
internal sealed partial class DeviceObject(
    ObjectWriter writer,
    EventRecorder events,
    DeviceBackends backends,
    DeviceGrants grants,
    DeviceAudit audit,
    ILogger<DeviceObject> logger)
{
    /// <summary>
    /// Returns the device as it is then. From now on it is known where a password may be, so that no crash can leave
    /// one where nothing looks for it.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="backend">Its MailBackend; null if its spec names none that exists.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    public Task<MailDevice> AddFinalizerAsync(
        MailDevice device, string? backend, CancellationToken cancellationToken) => writer.AddFinalizerAsync(
            ApiGroup.MailDevices, device, Finalizers.Revocation, (Annotations.Backend, backend), cancellationToken);

    /// <summary>
    /// From now on the device's passwords are those that were made under an earlier UID. The status says so, because
    /// whoever may write the device must not be able to hide them.
    /// </summary>
    /// <exception cref="ApiException">A conflict: the device was written meanwhile.</exception>
    public async Task AdoptAsync(MailDevice device, string uid, CancellationToken cancellationToken)
    {
        MailDeviceStatus status = device.Status ?? new MailDeviceStatus();
        await writer.WriteStatusIfUnchangedAsync(
            ApiGroup.MailDevices, device,
            new MailDeviceStatus { AdoptedUid = uid, Conditions = status.Conditions }, cancellationToken);
        events.Normal(
            ApiGroup.MailDevices, device, Reasons.SecretAdopted,
            $"Took over the password of the restored Secret, which it had as UID {uid}; the password did not change");
    }

    /// <summary>Only after every password of the device has ended, or is to outlive it.</summary>
    /// <param name="device">The device.</param>
    /// <param name="hasEnded">Nothing is left at the backend, not even a retained password.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    public async Task RemoveFinalizerAsync(MailDevice device, bool hasEnded, CancellationToken cancellationToken)
    {
        if (hasEnded)
        {
            grants.Release(device); // before the object is gone: the place is free for another device at once
        }

        await writer.RemoveFinalizerAsync(ApiGroup.MailDevices, device, Finalizers.Revocation, cancellationToken);
    }

    public void AnnounceEnd(MailDevice device, bool isRetained)
    {
        if (isRetained)
        {
            events.Warning(
                ApiGroup.MailDevices, device, Reasons.Retained,
                $"spec.deletionPolicy is Retain, so credentials owned by {backends.OwnerOf(device)} keep working; the "
                + "status of the MailBackend names them");
        }
        else
        {
            events.Normal(
                ApiGroup.MailDevices, device, Reasons.Revoked,
                $"Every password of this device for {device.Spec.Mailbox} has ended");
        }
    }

    /// <summary>Says what was left undone, if somebody gave up the revocation.</summary>
    public void AnnounceAbandoned(
        MailDevice device, MailDeviceSnapshot observed, IEnumerable<MailBackendException> failures)
    {
        if (!observed.IsAbandoned)
        {
            return;
        }

        foreach (MailBackendException failure in failures)
        {
            events.Warning(
                ApiGroup.MailDevices, device, Reasons.RevocationAbandoned,
                $"Abandoned as requested: credentials owned by {backends.OwnerOf(device)} may still be accepted. "
                + failure.Message);
        }
    }

    /// <param name="device">The device.</param>
    /// <param name="observed">On what the change was decided.</param>
    /// <param name="change">What was done.</param>
    /// <param name="secret">The Secret after it; null if nothing was written.</param>
    public void LogApplied(MailDevice device, MailDeviceSnapshot observed, Change change, SecretState? secret = null)
    {
        Log.Applied(logger, device.Key, change.GetType().Name);
        audit.Applied(device, observed, change, (secret as SecretState.Owned)?.Credential.Selector);
    }

    private static partial class Log
    {
        [LoggerMessage(201, LogLevel.Information, "{Device}: {Change}")]
        public static partial void Applied(ILogger logger, ObjectKey device, string change);
    }
}
