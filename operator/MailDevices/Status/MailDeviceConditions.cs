using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Status;

/// <summary>Turns what was found and done into conditions. A time changes only when its status does.</summary>
internal static class MailDeviceConditions
{
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
        string ready = judged.Reason == Reasons.Paused && StatusConditions.Find(previous, ConditionTypes.Ready) is { } before
            ? before.Status // pausing changes nothing, and least of all whether the password works
            : judged.Ready.ToString();

        var conditions = new List<Condition>
        {
            New(ConditionTypes.Ready, ready, judged.Reason, judged.Message),
            Issued(previous, observed, judged),
            Synced(previous, observed, judged, failure),
        };
        if (VerifiedCondition.Of(previous, observed, judged, failure) is { } verified)
        {
            conditions.Add(verified);
        }

        if (RevocationVerifiedCondition.Of(status, observed, now) is { } ended)
        {
            conditions.Add(ended.Condition);
        }

        if (CompromisedCondition.Of(previous, observed, failure) is { } compromised)
        {
            conditions.Add(compromised);
        }

        if (judged.IsStalled)
        {
            conditions.Add(New(ConditionTypes.Stalled, "True", judged.Reason, judged.Message));
        }
        else if (ready != "True" && judged.Reason is not (Reasons.Suspended or Reasons.UserSuspended or Reasons.Paused))
        {
            conditions.Add(New(ConditionTypes.Reconciling, "True", judged.Reason, judged.Message));
        }

        if (judged.PendingRevocation is { } pending)
        {
            conditions.Add(New(ConditionTypes.RevocationPending, "True", judged.IsRevocationBlocked ? Reasons.RevocationBlocked : Reasons.Revoked, pending));
        }

        if (judged.Reason == Reasons.Expired)
        {
            conditions.Add(New(ConditionTypes.Expired, "True", judged.Reason, judged.Message));
        }

        if (judged.RefusedRotation is { } refused)
        {
            conditions.Add(New(ConditionTypes.RotationRefused, "True", Reasons.HeldByPerson, refused));
        }

        if (judged.RestartProblem is { } problem)
        {
            conditions.Add(New(ConditionTypes.RestartPending, "True", Reasons.RestartRefused, problem));
        }

        if (judged.ExpiringAt is { } end)
        {
            conditions.Add(New(
                ConditionTypes.Expiring, "True", Reasons.Expiring, $"The password ends for good at {Kubernetes.Rfc3339.Format(end)}; set spec.expiry to a later time to keep it"));
        }

        return [.. conditions.Select(condition => StatusConditions.Stamp(condition, previous, generation, now))];
    }

    // What the plan says of the current password holds also where an earlier one could not be seen to its end.
    private static DeviceVerdict Judge(MailDeviceSnapshot observed, DeviceVerdict verdict, MailBackendException failure) => failure.Failure == BackendFailure.NotFollowed && !observed.IsDeleting
        ? verdict with { PendingRevocation = $"A password that has ended may still be of use: {failure.Message} It is tried again by itself.", IsRevocationBlocked = true }
        : !observed.IsDeleting
        ? new DeviceVerdict(ReadyStatus.False, FailureReasons.ReasonOf(failure.Failure), failure.Message)
        {
            IsStalled = failure.Failure == BackendFailure.NotEligible,
        }
        : Blocked(
            (observed.DeletionPolicy == DeletionPolicy.Retain
                ? $"The credential could not be marked as retained: {failure.Message} It is tried again by itself. "
                : $"The credential could not be revoked and may still work: {failure.Message} It is tried again by itself. ")
            // To the operator a mailbox that was removed, one that was renamed and one out of its reach look alike.
            + (failure.Failure == BackendFailure.MailboxNotFound ? "See in the mail system which it is: a mailbox that was removed took its passwords along, one that was renamed kept them. " : "")
            + $"If it never can be, give it up with the annotation {Annotations.AbandonRevocation}: {observed.Uid}");

    private static DeviceVerdict Blocked(string message) =>
        new(ReadyStatus.False, Reasons.RevocationBlocked, message) { PendingRevocation = message, IsRevocationBlocked = true };

    // Where the Secret was not looked at, what was last known of it still stands.
    private static Condition Issued(IReadOnlyList<Condition> previous, MailDeviceSnapshot observed, DeviceVerdict judged) => observed.Secret switch
    {
        SecretState.Owned { IsGenuine: true } secret => New(
            ConditionTypes.CredentialIssued, "True", Reasons.Issued, $"Secret '{secret.Name}' holds credential {secret.Credential.Selector}"),
        // What it had was taken back with its grant.
        null when !observed.HasFinalizer && StatusConditions.Find(previous, ConditionTypes.CredentialIssued) is { Status: "True" } => New(
            ConditionTypes.CredentialIssued, "False", judged.Reason, judged.Message),
        null => StatusConditions.Find(previous, ConditionTypes.CredentialIssued) ?? New(ConditionTypes.CredentialIssued, "Unknown", judged.Reason, judged.Message),
        _ => New(ConditionTypes.CredentialIssued, "False", judged.Reason, judged.Message),
    };

    private static Condition Synced(
        IReadOnlyList<Condition> previous, MailDeviceSnapshot observed, DeviceVerdict judged, MailBackendException? failure) =>
        failure is not null ? New(ConditionTypes.BackendSynced, "False", judged.Reason, judged.Message)
            : observed.Secret is SecretState.Owned ? New(
                ConditionTypes.BackendSynced, "True", Reasons.Issued, $"MailBackend '{observed.Desired!.BackendName}' holds what it should")
            : StatusConditions.Find(previous, ConditionTypes.BackendSynced) ?? New(ConditionTypes.BackendSynced, "Unknown", judged.Reason, judged.Message);

    private static Condition New(string type, string status, string reason, string message) =>
        new() { Type = type, Status = status, Reason = reason, Message = message };
}
