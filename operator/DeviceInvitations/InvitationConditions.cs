using MailOperator.Api;
using MailOperator.Reporting;

namespace MailOperator.DeviceInvitations;

/// <summary>Turns what was found and done into conditions. A time changes only when its status does.</summary>
internal static class InvitationConditions
{
    public static Condition[] Build(IReadOnlyList<Condition> previous, InvitationVerdict verdict, Condition? delivered, long? generation, DateTimeOffset now)
    {
        Condition ready = New(ConditionTypes.Ready, verdict.Ready, verdict);
        var conditions = new List<Condition> { ready };
        if (verdict.IsStalled)
        {
            conditions.Add(New(ConditionTypes.Stalled, ReadyStatus.True, verdict));
        }
        else if (verdict.Ready != ReadyStatus.True)
        {
            conditions.Add(New(ConditionTypes.Reconciling, ReadyStatus.True, verdict));
        }

        if (verdict.Claimed is { } claimed)
        {
            conditions.Add(New(ConditionTypes.Claimed, claimed, verdict));
        }

        if (verdict.Reason == Reasons.Expired && verdict.Claimed is null)
        {
            conditions.Add(New(ConditionTypes.Expired, ReadyStatus.True, verdict));
        }

        return [.. conditions.Concat(delivered is null ? [] : [delivered]).Select(condition => StatusConditions.Stamp(condition, previous, generation, now))];
    }

    private static Condition New(string type, ReadyStatus status, InvitationVerdict verdict) =>
        new() { Type = type, Status = status.ToString(), Reason = verdict.Reason, Message = verdict.Message };
}
