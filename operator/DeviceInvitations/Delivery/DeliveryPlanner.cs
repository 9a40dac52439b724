using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.DeviceInvitations.Delivery;

/// <summary>Decides when the link is mailed. Pure.</summary>
internal static class DeliveryPlanner
{
    /// <summary>At most one mail, or one try, in this time for an invitation.</summary>
    public static readonly TimeSpan InitialDelay = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan MaxDelay = TimeSpan.FromHours(1);

    /// <summary>The status knows the last try to the second only.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1);

    /// <summary>When the mail is to be tried; null if none is owed, or none can be sent.</summary>
    public static DateTimeOffset? DueAt(DeliveryFacts? delivery, DateTimeOffset now) => delivery switch
    {
        null or { Problem: not null } or { IsOwed: false } => null,
        { LastAttempt: { } last } => last + Pause(delivery.Attempts) + Rounding,
        _ => now,
    };

    /// <summary>What the condition Delivered says before anything is tried in this pass.</summary>
    public static Condition? Condition(DeliveryFacts? delivery, Condition? previous) => delivery switch
    {
        null => null,
        { Problem: { } problem } => Conditions.False(ConditionTypes.Delivered, Reasons.DeliveryFailed, problem),
        { IsOwed: false, SentTo: { } to, SentAt: { } at } when previous is not { Status: "True" } => Conditions.True(
            ConditionTypes.Delivered,
            Reasons.Delivered,
            $"The relay took the mail with the link for {to} at {Rfc3339.Format(at)}"),
        { IsOwed: true, Attempts: 0 } => Conditions.Unknown(
            ConditionTypes.Delivered, Reasons.Pending, $"The link is to be mailed to {delivery.To}"),
        _ => previous,
    };

    /// <summary>What it says after a try.</summary>
    public static Condition Condition(DeliveryFacts delivery, DeliveryResult result, DateTimeOffset now) => result.Problem is { } problem
        ? Conditions.False(
            ConditionTypes.Delivered, Reasons.DeliveryFailed,
            $"The link could not be mailed to {delivery.To}: {problem}. It is tried again after {Durations.Format(Pause(delivery.Attempts))}, and can be taken from its Secret")
        : Conditions.True(
            ConditionTypes.Delivered, Reasons.Delivered,
            $"{result.Relay} took the mail with the link for {delivery.To} at {Rfc3339.Format(now)}");

    private static TimeSpan Pause(int attempts) => Backoff.Delay(Math.Max(attempts, 1) - 1, InitialDelay, MaxDelay);
}
