using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Status;

/// <summary>The condition RevocationVerified: what the mail server itself makes of the password that ended last. There only where it is asked.</summary>
internal static class RevocationVerifiedCondition
{
    public static Condition? Of(IReadOnlyList<Condition> previous, MailDeviceSnapshot observed, DateTimeOffset now)
    {
        Condition? before = StatusConditions.Find(previous, ConditionTypes.RevocationVerified);
        if (observed.Desired is null)
        {
            return before; // whether it is asked for is not known now
        }

        if (observed.LoginCheck is not { } check)
        {
            return null;
        }

        SealedPassword[] waiting = observed.Secret is SecretState.Owned secret ? [.. EndedPasswords.Of(observed, secret, now)] : [];
        return observed.EndedLogin is { } tried && IsLatest(tried, waiting) ? Says(tried)
            : waiting.FirstOrDefault() is { } next ? Waits(next, check, before)
            : before is { Status: "True" } ? before
            : null; // one that was seen to be refused just before the operator ended: nothing tells of it any more
    }

    // A refusal settles it, unless another waits by now; anything else stands for as long as that password is kept.
    private static bool IsLatest(EndedLogin tried, SealedPassword[] waiting) => tried.Answer.Outcome == LoginOutcome.Refused
        ? waiting.All(one => one.Selector == tried.Password.Selector)
        : waiting.Any(one => one.Selector == tried.Password.Selector);

    private static Condition Says(EndedLogin tried) => tried.Answer.Outcome switch
    {
        LoginOutcome.Refused => New("True", Reasons.LoginRefused, $"{Name(tried.Password)} and was tried after that: {tried.Answer.Message}"),
        LoginOutcome.Accepted => New(
            "False", Reasons.VerificationFailed,
            $"{Name(tried.Password)} and still works: {tried.Answer.Message}. Flush the server's auth cache, and see that it reads what the MailBackend writes; it is tried again by itself"),
        _ => New("Unknown", Reasons.MailServerUnreachable, $"{Name(tried.Password)}; whether it still works could not be seen: {tried.Answer.Message}. It is tried again by itself"),
    };

    // What a try has shown stands until the next one.
    private static Condition Waits(SealedPassword waiting, LoginCheck check, Condition? before) =>
        check.Obstacle is { } obstacle ? New("Unknown", Reasons.VerificationSkipped, $"{Name(waiting)}; no login is tried: {obstacle}")
            : before is { Status: not "True" } && before.Message.StartsWith(Name(waiting), StringComparison.Ordinal) ? before
            : New("Unknown", Reasons.Pending, $"{Name(waiting)}; a login with it is tried from {Rfc3339.Format(EndedPasswords.DueAt(waiting, check))} on");

    private static string Name(SealedPassword password) => $"Password {password.Selector} ended at {Rfc3339.Format(password.EndsAt)}";

    private static Condition New(string status, string reason, string message) =>
        new() { Type = ConditionTypes.RevocationVerified, Status = status, Reason = reason, Message = message };
}
