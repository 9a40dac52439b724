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
    /// <summary>The condition and the password that it is about; null if there is no such condition.</summary>
    /// <param name="before">The status so far.</param>
    /// <param name="observed">The device as observed.</param>
    /// <param name="now">The time.</param>
    public static RevocationReport? Of(MailDeviceStatus before, MailDeviceSnapshot observed, DateTimeOffset now)
    {
        RevocationReport? known = StatusConditions.Find(before.Conditions ?? [], ConditionTypes.RevocationVerified) is { } condition
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

        SealedPassword[] waiting = observed.Secret is SecretState.Owned secret ? [.. EndedPasswords.Of(observed, secret, now)] : [];
        return observed.EndedLogin is { } tried && IsLatest(tried, waiting) ? new RevocationReport(Says(tried), About(tried.Password))
            : waiting.FirstOrDefault() is { } next ? new RevocationReport(Waits(next, check, known), About(next))
            : known is { } settled && settled.Condition.IsTrue() ? settled
            : null; // one that was seen to be refused just before the operator ended: nothing tells of it any more
    }

    // A refusal settles it, unless another waits by now; anything else stands for as long as that password is kept.
    private static bool IsLatest(EndedLogin tried, SealedPassword[] waiting) => tried.Answer.Outcome == LoginOutcome.Refused
        ? waiting.All(one => one.Selector == tried.Password.Selector)
        : waiting.Any(one => one.Selector == tried.Password.Selector);

    private static Condition Says(EndedLogin tried) => tried.Answer.Outcome switch
    {
        LoginOutcome.Refused => Conditions.True(ConditionTypes.RevocationVerified, Reasons.LoginRefused, $"{Name(tried.Password)} and was tried after that: {tried.Answer.Message}"),
        LoginOutcome.Accepted => Conditions.False(ConditionTypes.RevocationVerified, Reasons.VerificationFailed,
            $"{Name(tried.Password)} and still works: {tried.Answer.Message}. Flush the server's auth cache, and see that it reads what the MailBackend writes; it is tried again by itself"),
        _ => Conditions.Unknown(ConditionTypes.RevocationVerified, Reasons.MailServerUnreachable, $"{Name(tried.Password)}; whether it still works could not be seen: {tried.Answer.Message}. It is tried again by itself"),
    };

    // A condition about this password stands until the next try. A status from before status.revocationCheck does not
    // say which password its condition is about.
    private static Condition Waits(SealedPassword waiting, LoginCheck check, RevocationReport? known) =>
        check.Obstacle is { } obstacle ? Conditions.Unknown(ConditionTypes.RevocationVerified, Reasons.VerificationSkipped, $"{Name(waiting)}; no login is tried: {obstacle}")
            : known is not null && !known.Condition.IsTrue() && known.About == About(waiting) ? known.Condition
            : Conditions.Unknown(ConditionTypes.RevocationVerified, Reasons.Pending, $"{Name(waiting)}; a login with it is tried from {Rfc3339.Format(EndedPasswords.DueAt(waiting, check))} on");

    private static RevocationCheck About(SealedPassword password) =>
        new() { Id = password.Selector, EndedAt = Rfc3339.WholeSeconds(password.EndsAt) };

    private static string Name(SealedPassword password) => $"Password {password.Selector} ended at {Rfc3339.Format(password.EndsAt)}";
}
