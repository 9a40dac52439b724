using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Status;

/// <summary>
/// Builds the condition RevocationVerified: whether the mail server refuses the password that ended last. Only devices
/// whose MailBackend verifies passwords have it.
/// </summary>
internal static class RevocationVerifiedCondition
{
    private const string Type = ConditionTypes.RevocationVerified;

    /// <summary>The condition and the password that it is about; null if there is no such condition.</summary>
    /// <param name="before">The status so far.</param>
    /// <param name="observed">The device as observed.</param>
    /// <param name="now">The time.</param>
    public static RevocationReport? Of(MailDeviceStatus before, MailDeviceSnapshot observed, DateTimeOffset now)
    {
        RevocationReport? known = StatusConditions.Find(before.Conditions ?? [], Type) is { } condition
            ? new RevocationReport(condition, before.RevocationCheck)
            : null;
        if (observed.Desired is null)
        {
            return known; // the MailBackend is not known, so neither is whether it verifies
        }

        if (observed.LoginCheck is not { } check)
        {
            return null;
        }

        SealedPassword[] waiting = observed.Secret is SecretState.Owned secret
            ? [.. EndedPasswords.Of(observed, secret, now)]
            : [];
        if (observed.EndedLogin is { } tried && IsLatest(tried, waiting))
        {
            return new RevocationReport(Of(tried), About(tried.Password));
        }

        if (waiting is [{ } next, ..])
        {
            return new RevocationReport(Waiting(next, check, known), About(next));
        }

        // If the operator ended right after a refusal, no status recorded it: the outcome is not known.
        return known is not null && known.Condition.IsTrue() ? known : null;
    }

    // A refusal counts unless another password waits. Any other outcome counts as long as this password is kept.
    private static bool IsLatest(EndedLogin tried, SealedPassword[] waiting) =>
        tried.Answer.Outcome == LoginOutcome.Refused
            ? waiting.All(one => one.Selector == tried.Password.Selector)
            : waiting.Any(one => one.Selector == tried.Password.Selector);

    private static Condition Of(EndedLogin tried) => tried.Answer.Outcome switch
    {
        LoginOutcome.Refused => Conditions.True(
            Type, Reasons.LoginRefused, $"{Name(tried.Password)} and was tried after that: {tried.Answer.Message}"),
        LoginOutcome.Accepted => Conditions.False(
            Type,
            Reasons.VerificationFailed,
            $"{Name(tried.Password)} and still works: {tried.Answer.Message}. Flush the server's auth cache, "
            + "and check that it reads what the MailBackend writes. The login is retried automatically"),
        _ => Conditions.Unknown(
            Type,
            Reasons.MailServerUnreachable,
            $"{Name(tried.Password)}; it is not known whether it still works: {tried.Answer.Message}. "
            + "The login is retried automatically"),
    };

    // A condition about this password stands until the next try. A status from before status.revocationCheck does not
    // say which password its condition is about.
    private static Condition Waiting(SealedPassword next, LoginCheck check, RevocationReport? known) =>
        check.Obstacle is { } obstacle
            ? Conditions.Unknown(
                Type, Reasons.VerificationSkipped, $"{Name(next)}; no login is tried: {obstacle}")
        : known is not null && !known.Condition.IsTrue() && known.About == About(next) ? known.Condition
        : Conditions.Unknown(
            Type,
            Reasons.Pending,
            $"{Name(next)}; a login will be tried from {Rfc3339.Format(EndedPasswords.DueAt(next, check))} on");

    private static RevocationCheck About(SealedPassword password) =>
        new() { Id = password.Selector, EndedAt = Rfc3339.WholeSeconds(password.EndsAt) };

    private static string Name(SealedPassword password) =>
        $"Password {password.Selector} ended at {Rfc3339.Format(password.EndsAt)}";
}
