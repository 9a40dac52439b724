using MailOperator.Api;

namespace MailOperator.Backends;

/// <summary>What a failure of a mail system is called in a condition.</summary>
internal static class FailureReasons
{
    public static string ReasonOf(BackendFailure failure) => failure switch
    {
        BackendFailure.Unauthorized => Reasons.BackendUnauthorized,
        BackendFailure.Rejected => Reasons.BackendRejected,
        BackendFailure.NotEligible => Reasons.BackendNotEligible,
        BackendFailure.MailboxNotFound => Reasons.MailboxNotFound,
        BackendFailure.NotAccepted => Reasons.VerificationFailed,
        _ => Reasons.BackendUnavailable,
    };
}
