using MailOperator.Api;
using MailOperator.Reporting;

namespace MailOperator.MailUsers;

/// <summary>
/// The conditions of a MailUser. Ready is True only once what the user says is so at the mail system. Pure.
/// </summary>
internal static class UserConditions
{
    /// <summary>The condition Ready.</summary>
    public static Condition Ready(MailUser user, IReadOnlyList<MailDevice> named, UserFollowers all) => user switch
    {
        { IsDeleting: true } => NotReady(Reasons.UserInUse, InUseFinalizer.Explain(
            named, "remove spec.userRef from these, which keeps their passwords, or delete them")),
        { DecodeError: { } error } => NotReady(
            Reasons.InvalidSpec,
            "The object does not fit its schema. What can be read of it still restricts its devices, and nothing is "
            + $"given back; correct it: {error}"),
        { Spec.EmailAddress: { } address } when !MailboxAddress.IsValid(address) => NotReady(
            Reasons.InvalidSpec, $"spec.emailAddress '{address}' is not a mail address that can be used"),
        _ when all.ExplainBehind() is { } behind => NotReady(Reasons.DevicesPending, behind),
        { Spec.Suspended: true } => IsReady(
            Reasons.UserSuspended,
            $"The mail system refuses all its devices ({all.Count}) while spec.suspended is true"),
        { Spec.Sending: SendingRight.Denied } => IsReady(
            Reasons.UserReady,
            $"The mail system lets none of its devices ({all.Count}) send while spec.sending is Denied; reading is "
            + "not affected"),
        _ => IsReady(Reasons.UserReady, $"It restricts none of its devices ({all.Count})"),
    };

    /// <summary>The conditions that are there only while they are true.</summary>
    public static Condition[] Others(UserFollowers followers) => followers.ExplainBlocked() is { } blocked
        ? [Conditions.True(ConditionTypes.RevocationPending, Reasons.RevocationBlocked, blocked)]
        : [];

    private static Condition IsReady(string reason, string message) =>
        Conditions.True(ConditionTypes.Ready, reason, message);

    private static Condition NotReady(string reason, string message) =>
        Conditions.False(ConditionTypes.Ready, reason, message);
}
