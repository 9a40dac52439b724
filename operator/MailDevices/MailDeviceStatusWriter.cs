using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailBackends;
using MailOperator.MailDevices.Credentials;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Status;
using MailOperator.Reporting;

namespace MailOperator.MailDevices;

/// <summary>Writes the status of a device if it differs, and announces its changes with events.</summary>
internal sealed class MailDeviceStatusWriter(
    ObjectWriter writer, EventRecorder events, SecretProofs proofs, DeviceAudit audit, TimeProvider clock)
{
    private readonly StatusPublisher _publisher = new(ApiGroup.MailDevices, writer);

    public async Task PublishAsync(
        MailDevice device,
        MailDeviceSnapshot observed,
        MailDevicePlan plan,
        MailBackendException? failure,
        CancellationToken cancellationToken)
    {
        MailDeviceStatus before = device.Status ?? new MailDeviceStatus();
        DateTimeOffset now = clock.GetUtcNow();
        MailDeviceStatus after = StatusOf(device, before, observed, plan, failure, now);
        if (after.Credentials is not null)
        {
            // An old proof fits no other version, so it may stay where nothing was seen.
            after.SecretDigest = proofs.Of(device, observed.Secret, observed.Desired) ?? before.SecretDigest;
        }

        if (!await _publisher.PublishAsync(device, device.Status, after, cancellationToken))
        {
            return;
        }

        audit.Reported(device, before.Conditions ?? [], after.Conditions!);
        bool isWaiting = Newcomer.IsWaiting(observed, after.Conditions!, now);
        foreach (DeviceEvent announced in DeviceEvents.Of(before.Conditions ?? [], after.Conditions!, isWaiting))
        {
            Action<ResourceType, ApiObject, string, string> record =
                announced.IsWarning ? events.Warning : events.Normal;
            record(ApiGroup.MailDevices, device, announced.Condition.Reason, announced.Condition.Message);
        }
    }

    /// <summary>Call this when the device is gone.</summary>
    public void Forget(ObjectKey key) => _publisher.Forget(key);

    internal static MailDeviceStatus StatusOf(
        MailDevice device,
        MailDeviceStatus before,
        MailDeviceSnapshot observed,
        MailDevicePlan plan,
        MailBackendException? failure,
        DateTimeOffset now)
    {
        var status = new MailDeviceStatus
        {
            ObservedGeneration = device.Metadata.Generation,
            LastHandledReconcileAt = device.Annotation(Annotations.ReconcileRequestedAt),
            EnforcedGeneration = IsEnforced(plan.Verdict) ? device.Metadata.Generation : before.EnforcedGeneration,
            EnforcedUser = IsEnforced(plan.Verdict) ? EnforcedUserOf(observed, before) : before.EnforcedUser,
            Epoch = before.Epoch,
            LastHandledRotation = before.LastHandledRotation,
            LastHandledRotateAndRevoke = before.LastHandledRotateAndRevoke,
            Backend = observed.Desired is { } desired && observed.HasFinalizer
                ? desired.BackendName
                : before.Backend,
            Username = observed.Desired?.Access.Username ?? before.Username,
            Binding = before.Binding,
            AdoptedUid = before.AdoptedUid,
            Credentials = before.Credentials,
            IssuedAt = before.IssuedAt,
            NextRotationTime = before.NextRotationTime,
            ExpiresAt = observed.Desired is { } asked
                ? asked.Lifetime.ExpiresAt
                : observed.Stops.EndsAt ?? before.ExpiresAt,
            LastUse = LastUseReport.Choose(before.LastUse, observed.LastUse),
            RevocationCheck = RevocationVerifiedCondition.Of(before, observed, now)?.About,
            Conditions = MailDeviceConditions.Build(
                before, observed, plan.Verdict, failure, device.Metadata.Generation, now),
        };
        // A forged record must not get into the status.
        if (observed.Secret is SecretState.Owned { IsGenuine: true } secret)
        {
            status.Binding = secret.Credential.Origin is PasswordOrigin.Claimed
                ? null // the Secret has no password to bind to
                : new ObjectReference { Name = secret.Name };
            status.Epoch = secret.Credential.Epoch;
            status.LastHandledRotation = NullIfEmpty(secret.Credential.HandledRotation);
            status.LastHandledRotateAndRevoke = NullIfEmpty(secret.Credential.HandledRotateAndRevoke);
            status.Credentials = Credentials(secret.Credential, observed.Slots, now);
            status.IssuedAt = secret.Credential.IssuedAt;
            status.NextRotationTime = observed.Desired is { Lifetime: var lifetime }
                ? RotationSchedule.Next(observed.Uid, secret.Credential, lifetime.Interval, lifetime.Window, now)
                : before.NextRotationTime;
        }
        else if (HasNoPassword(observed, plan, failure))
        {
            (status.Binding, status.Credentials, status.IssuedAt, status.NextRotationTime) = (null, null, null, null);
        }

        return status;
    }

    // Without its finalizer a device that is not known to have ended may have a password all the same.
    private static bool HasNoPassword(
        MailDeviceSnapshot observed, MailDevicePlan plan, MailBackendException? failure) =>
        (plan.Verdict.Reason == Reasons.Expired && failure is null)
        || (!observed.HasFinalizer
            && (!observed.MayHaveSlots || observed is { AreSlotsKnown: true, Slots.IsEmpty: true }));

    private static EnforcedUser? EnforcedUserOf(MailDeviceSnapshot observed, MailDeviceStatus before) =>
        observed.Stops.User is not { } user ? null : new EnforcedUser
        {
            Uid = user.Uid,
            Generation = user.Generation,
            Sending = !observed.AreSlotsKnown ? before.EnforcedUser?.Sending
                // What a hold keeps back shows here: the user may send again, but the slots are as they were.
                : observed.Slots.Any(static slot => !slot.Restrictions.MaySend) ? SendingRight.Denied
                : SendingRight.Allowed,
        };

    private static bool IsEnforced(DeviceVerdict verdict) =>
        verdict is { AreEndsDone: true, IsRevocationBlocked: false };

    private static string? NullIfEmpty(string token) => token.Length > 0 ? token : null;

    private static CredentialStatus[] Credentials(
        CredentialRecord credential, ImmutableArray<Slot> slots, DateTimeOffset now) =>
    [
        .. slots.Where(slot => slot.Selector == credential.Selector).Select(_ => new CredentialStatus
        {
            Id = credential.Selector,
            State = CredentialState.Current,
            IssuedAt = credential.IssuedAt,
        }),
        .. credential.Retiring
            .Where(retiring => retiring.At > now && slots.Any(slot => slot.Selector == retiring.Selector))
            .Select(static retiring => new CredentialStatus
            {
                Id = retiring.Selector,
                State = CredentialState.Retiring,
                RetireAt = retiring.At,
            }),
    ];
}
