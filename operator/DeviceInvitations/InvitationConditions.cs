using MailOperator.Api;
using MailOperator.Reporting;

namespace MailOperator.DeviceInvitations;

/// <summary>Turns a verdict into conditions. A time changes only when its status does.</summary>
internal static class InvitationConditions
{
    /// <param name="previous">The conditions in the status so far.</param>
    /// <param name="verdict">What to report.</param>
    /// <param name="delivered">The condition Delivered; null if no mail is wanted.</param>
    /// <param name="generation">The generation of the spec that was judged.</param>
    /// <param name="now">Kept in whole seconds.</param>
    public static Condition[] Build(
        IReadOnlyList<Condition> previous,
        InvitationVerdict verdict,
        Condition? delivered,
        long? generation,
        DateTimeOffset now) =>
    [
        .. Of(verdict)
            .Concat(delivered is null ? [] : [delivered])
            .Select(condition => StatusConditions.Stamp(condition, previous, generation, now)),
    ];

    private static IEnumerable<Condition> Of(InvitationVerdict verdict)
    {
        yield return New(ConditionTypes.Ready, verdict.Ready);
        if (verdict.IsStalled)
        {
            yield return New(ConditionTypes.Stalled, ReadyStatus.True);
        }
        else if (verdict.Ready != ReadyStatus.True)
        {
            yield return New(ConditionTypes.Reconciling, ReadyStatus.True);
        }

        if (verdict.Claimed is { } claimed)
        {
            yield return New(ConditionTypes.Claimed, claimed);
        }
        else if (verdict.Reason == Reasons.Expired)
        {
            yield return New(ConditionTypes.Expired, ReadyStatus.True);
        }

        Condition New(string type, ReadyStatus status) => Conditions.Of(type, status, verdict.Reason, verdict.Message);
    }
}
