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
    private const string Type = ConditionTypes.Verified;

    public static Condition? Of(
        IReadOnlyList<Condition> previous,
        MailDeviceSnapshot observed,
        DeviceVerdict judged,
        MailBackendException? failure)
    {
        Condition? before = StatusConditions.Find(previous, Type);
        return failure is { Failure: BackendFailure.NotAccepted }
                ? Conditions.False(Type, Reasons.VerificationFailed, failure.Message)
            : observed.Desired is null ? before // the MailBackend is not known, so neither is whether it verifies
            : observed.LoginCheck is not { } check || judged.Reason == Reasons.Expired ? null
            : check.Obstacle is { } obstacle
                ? Conditions.Unknown(Type, Reasons.VerificationSkipped, $"No login is tried: {obstacle}")
            : observed.Secret is not SecretState.Owned secret ? before
            : check.AnswerFor(secret.Credential.Selector) is { } answer ? Of(answer)
            : check.OutcomeFor(secret.Credential.Selector) is not null && before is not null ? before
            : Conditions.Unknown(Type, Reasons.Pending, Pending(check));
    }

    private static Condition Of(LoginAnswer answer) => answer.Outcome switch
    {
        LoginOutcome.Accepted => Conditions.True(
            Type, Reasons.LoginAccepted, $"The password was tried: {answer.Message}"),
        LoginOutcome.Refused => Conditions.False(
            Type,
            Reasons.VerificationFailed,
            $"The password in the Secret does not work: {answer.Message}. "
            + "Check that the mail server reads what the MailBackend writes. The login is retried automatically"),
        _ => Conditions.Unknown(
            Type,
            Reasons.MailServerUnreachable,
            $"It is not known whether the password works: {answer.Message}. The login is retried automatically"),
    };

    private static string Pending(LoginCheck check) => check.IsQuick
        ? "A login will be tried"
        : "The password is in the Secret. A login will be tried "
            + $"{check.PropagationDelay.TotalSeconds:0} s after it was written, when every mail server must know it";
}
