using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Status;

/// <summary>The condition Verified: what the mail server itself makes of the password. There only where it is asked.</summary>
internal static class VerifiedCondition
{
    public static Condition? Of(IReadOnlyList<Condition> previous, MailDeviceSnapshot observed, DeviceVerdict judged, MailBackendException? failure)
    {
        Condition? before = StatusConditions.Find(previous, ConditionTypes.Verified);
        return failure is { Failure: BackendFailure.NotAccepted } ? New("False", Reasons.VerificationFailed, failure.Message)
            : observed.Desired is null ? before // whether it is asked for is not known now
            : observed.LoginCheck is not { } check || judged.Reason == Reasons.Expired ? null
            : check.Obstacle is { } obstacle ? New("Unknown", Reasons.VerificationSkipped, $"No login is tried: {obstacle}")
            : observed.Secret is not SecretState.Owned secret ? before
            : check.AnswerFor(secret.Credential.Selector) is { } answer ? Says(answer, before)
            : New("Unknown", Reasons.Pending, check.IsQuick
                ? "A login is about to be tried"
                : $"The password is in the Secret; a login is tried when every mail server must know it, {check.PropagationDelay.TotalSeconds:0} s after it was written");
    }

    // What was known before is repeated as it was said.
    private static Condition Says(LoginAnswer answer, Condition? before) =>
        before?.Message == answer.Message ? before : answer.Outcome switch
        {
            LoginOutcome.Accepted => New("True", Reasons.LoginAccepted, $"The password was tried: {answer.Message}"),
            LoginOutcome.Refused => New(
                "False", Reasons.VerificationFailed,
                $"The password in the Secret does not work: {answer.Message}. See that the mail server reads what the MailBackend writes; it is tried again by itself"),
            _ => New("Unknown", Reasons.MailServerUnreachable, $"Whether the password works could not be seen: {answer.Message}. It is tried again by itself"),
        };

    private static Condition New(string status, string reason, string message) =>
        new() { Type = ConditionTypes.Verified, Status = status, Reason = reason, Message = message };
}
