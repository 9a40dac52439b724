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
        DeviceVerdict judged = Newcomer.Judge(
            observed, failure is null ? verdict : FailedVerdict.Of(observed, verdict, failure, now), now);
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
            Suspended(previous, observed, judged),
            RequestConditions.RotationPending(status, observed, judged),
            RequestConditions.Ignored(previous, observed),
            .. Abnormal(previous, judged),
        ];
        return
        [
            .. conditions.OfType<Condition>()
                .Select(condition => StatusConditions.Stamp(condition, previous, generation, now)),
        ];
    }

    private static Condition Ready(IReadOnlyList<Condition> previous, DeviceVerdict judged)
    {
        Condition ready = Conditions.Of(ConditionTypes.Ready, judged.Ready, judged.Reason, judged.Message);
        return judged is { Reason: Reasons.Paused, Ready: ReadyStatus.Unknown }
            && StatusConditions.Find(previous, ConditionTypes.Ready) is { } before
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
            : observed is { Secret: SecretState.Owned, Desired: { } desired } && !judged.IsHold ? Conditions.True(
                type, Reasons.Issued, $"MailBackend '{desired.BackendName}' is in sync")
            : StatusConditions.Find(previous, type) ?? Conditions.Unknown(type, judged.Reason, judged.Message);
    }

    private static Condition? Progress(Condition ready, DeviceVerdict judged) => judged switch
    {
        { IsStalled: true } => Conditions.True(ConditionTypes.Stalled, judged.Reason, judged.Message),
        { Reason: Reasons.Suspended or Reasons.UserSuspended or Reasons.Paused } => null,
        _ when ready.IsTrue() => null,
        _ => Conditions.True(ConditionTypes.Reconciling, judged.Reason, judged.Message),
    };

    // It stands while nothing new was seen.
    private static Condition? Suspended(
        IReadOnlyList<Condition> previous, MailDeviceSnapshot observed, DeviceVerdict judged) => observed switch
        {
            { IsDeleting: true } or { MayHaveSlots: false } => null,
            { Stops.IsSuspended: false } => StillRefused(previous, observed, judged),
            _ when !judged.AreEndsDone => StatusConditions.Find(previous, ConditionTypes.Suspended),
            { Stops.SuspendedUser: { } user } => Conditions.True(
                ConditionTypes.Suspended,
                Reasons.UserSuspended,
                $"The mail system refuses every password of this device while MailUser '{user}' is suspended"),
            _ => Conditions.True(
                ConditionTypes.Suspended,
                Reasons.Suspended,
                "The mail system refuses every password of this device while spec.suspended is true"),
        };

    // The suspension is lifted, but what holds the device back leaves its password refused.
    private static Condition? StillRefused(
        IReadOnlyList<Condition> previous, MailDeviceSnapshot observed, DeviceVerdict judged) =>
        judged.Ready != ReadyStatus.True
        && StatusConditions.Find(previous, ConditionTypes.Suspended) is { } before
        && (!observed.AreSlotsKnown
            ? observed.Unreachable is not null || !judged.AreEndsDone
            : !observed.Slots.IsEmpty && observed.Slots.All(static slot => slot.Restrictions.IsSuspended))
            ? before with
            {
                Message = "The mail system still refuses every password of this device, although its suspension has "
                    + "ended; the condition Ready says what holds it back",
            }
            : null;

    private static IEnumerable<Condition> Abnormal(IReadOnlyList<Condition> previous, DeviceVerdict judged)
    {
        if (judged.PendingRevocation is { } pending)
        {
            string reason = judged.IsRevocationBlocked ? Reasons.RevocationBlocked : Reasons.Revoked;
            yield return Conditions.True(ConditionTypes.RevocationPending, reason, pending);
        }
        else if (!judged.AreEndsDone
            && StatusConditions.Find(previous, ConditionTypes.RevocationPending) is { } stillPending)
        {
            yield return stillPending; // nobody has seen that it is over
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
