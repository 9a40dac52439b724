using MailOperator.Api;
using MailOperator.Reporting;

namespace MailOperator.DeviceInvitations;

/// <summary>Decides which conditions are announced with an event. A pure function.</summary>
internal static class InvitationEvents
{
    private static readonly Rule[] Rules =
    [
        new(ConditionTypes.Delivered, nameof(ReadyStatus.True), HasNewMessage),
        new(ConditionTypes.Delivered, nameof(ReadyStatus.False), HasNewMessage),
        new(ConditionTypes.Ready, nameof(ReadyStatus.True), HasNewReason),
        new(ConditionTypes.Ready, nameof(ReadyStatus.False), static (before, now) =>
            now.Reason is not (Reasons.Pending or Reasons.Revoked)
            && (HasNewReason(before, now) || HasNewMessage(before, now))),
    ];

    /// <summary>The conditions to announce, in the order of their events.</summary>
    /// <param name="before">The conditions in the status so far.</param>
    /// <param name="after">The conditions that were written.</param>
    /// <param name="mayStillCome">Nothing warns yet of what the invitation lacks.</param>
    public static IEnumerable<Condition> ToAnnounce(
        IReadOnlyList<Condition> before, IReadOnlyList<Condition> after, bool mayStillCome = false)
    {
        foreach (Rule rule in Rules)
        {
            if (StatusConditions.Find(after, rule.Type) is { } now
                && now.Status == rule.Status
                && !(mayStillCome && rule is { Type: ConditionTypes.Ready, Status: nameof(ReadyStatus.False) })
                && rule.IsNews(StatusConditions.Find(before, rule.Type), now))
            {
                yield return now;
            }
        }
    }

    private static bool HasNewReason(Condition? before, Condition now) => before?.Reason != now.Reason;

    private static bool HasNewMessage(Condition? before, Condition now) => before?.Message != now.Message;

    /// <param name="Type">Type of the condition.</param>
    /// <param name="Status">Its status now.</param>
    /// <param name="IsNews">Compares the condition before, null if there was none, with the one now.</param>
    private sealed record Rule(string Type, string Status, Func<Condition?, Condition, bool> IsNews);
}
