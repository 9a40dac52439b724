using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Revocation;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Status;

/// <summary>The verdict on a device whose plan was not carried out. Pure.</summary>
internal static class FailedVerdict
{
    /// <param name="observed">The device as observed.</param>
    /// <param name="verdict">The verdict of the plan, if it had been carried out.</param>
    /// <param name="failure">What failed.</param>
    /// <param name="now">The time.</param>
    public static DeviceVerdict Of(
        MailDeviceSnapshot observed, DeviceVerdict verdict, MailBackendException failure, DateTimeOffset now)
    {
        if (StopsInForce.IsDeleted(observed))
        {
            return Blocked(observed, failure);
        }

        if (failure.Failure == BackendFailure.NotFollowed)
        {
            // The verdict on the current password holds although the end of an earlier one was not seen.
            return verdict with
            {
                PendingRevocation =
                    $"A revoked password may still work: {failure.Message} It is retried automatically.",
                IsRevocationBlocked = true,
            };
        }

        DeviceVerdict failed = verdict is { IsHold: true, Reason: not Reasons.Expired }
            ? verdict // why nothing is given matters more than this failure
            : new DeviceVerdict(ReadyStatus.False, FailureReasons.ReasonOf(failure.Failure), failure.Message)
            {
                IsStalled = failure.Failure == BackendFailure.NotEligible,
                AreEndsDone = verdict.AreEndsDone,
                PendingRevocation = verdict.PendingRevocation,
                IsRevocationBlocked = verdict.IsRevocationBlocked,
            };
        return !verdict.AreEndsDone && StopsInForce.Unconfirmed(observed, now) is { } stop
            ? failed with
            {
                PendingRevocation = $"{stop} is not carried out yet, and a password may still work: {failure.Message} "
                    + "It is retried automatically.",
                IsRevocationBlocked = true,
            }
            : failed;
    }

    private static DeviceVerdict Blocked(MailDeviceSnapshot observed, MailBackendException failure)
    {
        string what = observed.DeletionPolicy == DeletionPolicy.Retain
            ? "The credential could not be revoked or marked as retained, and may still work"
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
}
