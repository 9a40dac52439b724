using MailOperator.Api;

namespace MailOperator.Backends;

/// <summary>Maps failures of a mail system to reasons of conditions.</summary>
internal static class FailureReasons
{
    /// <summary>When an account without the feature is asked again: only its provider can change that.</summary>
    public static readonly TimeSpan NotEligibleRecheck = TimeSpan.FromHours(1);

    public static string ReasonOf(BackendFailure failure) => failure switch
    {
        BackendFailure.Unauthorized => Reasons.BackendUnauthorized,
        BackendFailure.Rejected => Reasons.BackendRejected,
        BackendFailure.NotEligible => Reasons.BackendNotEligible,
        BackendFailure.MailboxNotFound => Reasons.MailboxNotFound,
        BackendFailure.WriteRefused => Reasons.WriteRefused,
        BackendFailure.NotAccepted => Reasons.VerificationFailed,
        _ => Reasons.BackendUnavailable,
    };
}
