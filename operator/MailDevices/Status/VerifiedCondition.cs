using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Verification;
using MailOperator.MailServers;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Status;

/// <summary>
/// Builds the condition Verified: whether the mail server accepts the password in the Secret. Only devices whose
/// MailBackend verifies passwords have it.
/// </summary>
internal static class VerifiedCondition
{
    public static Condition? Of(
        IReadOnlyList<Condition> previous, MailDeviceSnapshot observed, DeviceVerdict judged, MailBackendException? failure)
    {
        Condition? before = StatusConditions.Find(previous, ConditionTypes.Verified);
        return failure is { Failure: BackendFailure.NotAccepted } ? Conditions.False(ConditionTypes.Verified, Reasons.VerificationFailed, failure.Message)
            : observed.Desired is null ? before // the MailBackend is not known, so neither is whether it verifies
            : observed.LoginCheck is not { } check || judged.Reason == Reasons.Expired ? null
            : check.Obstacle is { } obstacle ? Conditions.Unknown(ConditionTypes.Verified, Reasons.VerificationSkipped, $"No login is tried: {obstacle}")
            : observed.Secret is not SecretState.Owned secret ? before
            : check.AnswerFor(secret.Credential.Selector) is { } answer ? Of(answer)
            : check.OutcomeFor(secret.Credential.Selector) is not null && before is not null ? before
            : Conditions.Unknown(ConditionTypes.Verified, Reasons.Pending, check.IsQuick
                ? "A login is about to be tried"
                : $"The password is in the Secret; a login is tried when every mail server must know it, {check.PropagationDelay.TotalSeconds:0} s after it was written");
    }

    private static Condition Of(LoginAnswer answer) => answer.Outcome switch
    {
        LoginOutcome.Accepted => Conditions.True(ConditionTypes.Verified, Reasons.LoginAccepted, $"The password was tried: {answer.Message}"),
        LoginOutcome.Refused => Conditions.False(ConditionTypes.Verified, Reasons.VerificationFailed,
            $"The password in the Secret does not work: {answer.Message}. See that the mail server reads what the MailBackend writes; it is tried again by itself"),
        _ => Conditions.Unknown(ConditionTypes.Verified, Reasons.MailServerUnreachable, $"Whether the password works could not be seen: {answer.Message}. It is tried again by itself"),
    };
}
