using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Status;

/// <summary>Builds the conditions of a device. The time of a condition changes only when its status does.</summary>
internal static class MailDeviceConditions
{
    /// <param name="status">The status so far.</param>
    /// <param name="observed">The device as observed.</param>
    /// <param name="verdict">The verdict of the plan.</param>
    /// <param name="failure">Why the plan was not carried out; null if it was.</param>
    /// <param name="generation">The generation of the spec that was judged.</param>
    /// <param name="now">The time.</param>
    public static Condition[] Build(
        MailDeviceStatus status,
        MailDeviceSnapshot observed,
        DeviceVerdict verdict,
        MailBackendException? failure,
        long? generation,
        DateTimeOffset now)
    {
        IReadOnlyList<Condition> previous = status.Conditions ?? [];
        DeviceVerdict judged = failure is null ? verdict : Judge(observed, verdict, failure);
        Condition ready = Ready(previous, judged);
        Condition?[] conditions =
        [
            ready,
            Issued(previous, observed, judged),
            Synced(previous, observed, judged, failure),
            VerifiedCondition.Of(previous, observed, judged, failure),
            RevocationVerifiedCondition.Of(status, observed, now)?.Condition,
            CompromisedCondition.Of(previous, observed, failure),
            Progress(ready, judged),
            .. Abnormal(judged),
        ];
        return
        [
            .. conditions.OfType<Condition>()
                .Select(condition => StatusConditions.Stamp(condition, previous, generation, now)),
        ];
    }

    private static DeviceVerdict Judge(
        MailDeviceSnapshot observed, DeviceVerdict verdict, MailBackendException failure) => failure.Failure switch
        {
            _ when observed.IsDeleting => Blocked(observed, failure),
            // The verdict on the current password holds although the end of an earlier one was not seen.
            BackendFailure.NotFollowed => verdict with
            {
                PendingRevocation =
                    $"A revoked password may still work: {failure.Message} It is retried automatically.",
                IsRevocationBlocked = true,
            },
            _ => new DeviceVerdict(ReadyStatus.False, FailureReasons.ReasonOf(failure.Failure), failure.Message)
            {
                IsStalled = failure.Failure == BackendFailure.NotEligible,
            },
        };

    private static DeviceVerdict Blocked(MailDeviceSnapshot observed, MailBackendException failure)
    {
        string what = observed.DeletionPolicy == DeletionPolicy.Retain
            ? "The credential could not be marked as retained"
            : "The credential could not be revoked and may still work";
        // The operator cannot tell a mailbox that was removed from one that was renamed or is out of its reach.
        string hint = failure.Failure == BackendFailure.MailboxNotFound
            ? "Check in the mail system: a removed mailbox took its passwords with it, a renamed one kept them. "
            : "";
        string message = $"{what}: {failure.Message} It is retried automatically. {hint}"
            + $"If it cannot succeed, give it up with the annotation {Annotations.AbandonRevocation}: {observed.Uid}";
        return new DeviceVerdict(ReadyStatus.False, Reasons.RevocationBlocked, message)
        {
            PendingRevocation = message,
            IsRevocationBlocked = true,
        };
    }

    private static Condition Ready(IReadOnlyList<Condition> previous, DeviceVerdict judged)
    {
        Condition ready = Conditions.Of(ConditionTypes.Ready, judged.Ready, judged.Reason, judged.Message);
        return judged.Reason == Reasons.Paused && StatusConditions.Find(previous, ConditionTypes.Ready) is { } before
            ? ready with { Status = before.Status } // a pause does not change whether the password works
            : ready;
    }

    private static Condition Issued(
        IReadOnlyList<Condition> previous, MailDeviceSnapshot observed, DeviceVerdict judged)
    {
        const string type = ConditionTypes.CredentialIssued;
        Condition? before = StatusConditions.Find(previous, type);
        return observed.Secret switch
        {
            SecretState.Owned { IsGenuine: true } secret => Conditions.True(
                type, Reasons.Issued, $"Secret '{secret.Name}' holds credential {secret.Credential.Selector}"),
            // Its credential was revoked with its grant.
            null when !observed.HasFinalizer && before.IsTrue() =>
                Conditions.False(type, judged.Reason, judged.Message),
            // The Secret was not read, so the condition stands.
            null => before ?? Conditions.Unknown(type, judged.Reason, judged.Message),
            _ => Conditions.False(type, judged.Reason, judged.Message),
        };
    }

    private static Condition Synced(
        IReadOnlyList<Condition> previous,
        MailDeviceSnapshot observed,
        DeviceVerdict judged,
        MailBackendException? failure)
    {
        const string type = ConditionTypes.BackendSynced;
        return failure is not null ? Conditions.False(type, judged.Reason, judged.Message)
            : observed.Secret is SecretState.Owned ? Conditions.True(
                type, Reasons.Issued, $"MailBackend '{observed.Desired!.BackendName}' is in sync")
            : StatusConditions.Find(previous, type) ?? Conditions.Unknown(type, judged.Reason, judged.Message);
    }

    private static Condition? Progress(Condition ready, DeviceVerdict judged) => judged switch
    {
        { IsStalled: true } => Conditions.True(ConditionTypes.Stalled, judged.Reason, judged.Message),
        { Reason: Reasons.Suspended or Reasons.UserSuspended or Reasons.Paused } => null,
        _ when ready.IsTrue() => null,
        _ => Conditions.True(ConditionTypes.Reconciling, judged.Reason, judged.Message),
    };

    private static IEnumerable<Condition> Abnormal(DeviceVerdict judged)
    {
        if (judged.PendingRevocation is { } pending)
        {
            string reason = judged.IsRevocationBlocked ? Reasons.RevocationBlocked : Reasons.Revoked;
            yield return Conditions.True(ConditionTypes.RevocationPending, reason, pending);
        }

        if (judged.Reason == Reasons.Expired)
        {
            yield return Conditions.True(ConditionTypes.Expired, judged.Reason, judged.Message);
        }

        if (judged.RefusedRotation is { } refused)
        {
            yield return Conditions.True(ConditionTypes.RotationRefused, Reasons.HeldByPerson, refused);
        }

        if (judged.RestartProblem is { } problem)
        {
            yield return Conditions.True(ConditionTypes.RestartPending, Reasons.RestartRefused, problem);
        }

        if (judged.ExpiringAt is { } end)
        {
            yield return Conditions.True(
                ConditionTypes.Expiring,
                Reasons.Expiring,
                $"The password expires at {Rfc3339.Format(end)}; set spec.expiry to a later time to keep it");
        }
    }
}
