using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Reporting;

namespace MailOperator.DeviceInvitations.Delivery;

/// <summary>Decides when the link is mailed. A pure function.</summary>
internal static class DeliveryPlanner
{
    /// <summary>The shortest time between two mails, or two attempts, for an invitation.</summary>
    public static readonly TimeSpan InitialDelay = TimeSpan.FromMinutes(1);

    /// <summary>The longest time between two attempts.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromHours(1);

    /// <summary>The status holds the time of the last attempt in whole seconds.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1);

    /// <summary>When to make the next attempt; null if no mail is owed or none can be sent.</summary>
    public static DateTimeOffset? DueAt(DeliveryFacts? delivery, DateTimeOffset now) => delivery switch
    {
        null or { Problem: not null } or { IsOwed: false } => null,
        { LastAttempt: { } last } => Later(last + Pause(delivery.Attempts) + Rounding, delivery.HeldUntil),
        _ => Later(now, delivery.HeldUntil),
    };

    /// <summary>The condition Delivered before an attempt; null if no mail is wanted.</summary>
    public static Condition? Condition(DeliveryFacts? delivery, Condition? previous) => delivery switch
    {
        null => null,
        { Problem: { } problem } =>
            Conditions.False(ConditionTypes.Delivered, delivery.ProblemReason, problem),
        { IsOwed: false, SentTo: { } to, SentAt: { } at } when !previous.IsTrue() => Conditions.True(
            ConditionTypes.Delivered,
            Reasons.Delivered,
            $"The relay accepted the mail with the link for {to} at {Rfc3339.Format(at)}"),
        { IsOwed: true, HeldUntil: { } until } => Held(until),
        { IsOwed: true, Attempts: 0 } => Conditions.Unknown(
            ConditionTypes.Delivered, Reasons.Pending, $"The link will be mailed to {delivery.To}"),
        _ => previous,
    };

    /// <summary>The condition Delivered after an attempt.</summary>
    public static Condition Condition(DeliveryFacts delivery, DeliveryResult result, DateTimeOffset now) =>
        result.Problem is { } problem
            ? Conditions.False(
                ConditionTypes.Delivered,
                Reasons.DeliveryFailed,
                $"The link could not be mailed to {delivery.To}: {problem}. The operator tries again after "
                + $"{Durations.Format(Pause(delivery.Attempts))}; the link can also be taken from its Secret")
            : Conditions.True(
                ConditionTypes.Delivered,
                Reasons.Delivered,
                $"{result.Relay} accepted the mail with the link for {delivery.To} at {Rfc3339.Format(now)}");

    private static Condition Held(DateTimeOffset until) => Conditions.Unknown(
        ConditionTypes.Delivered,
        Reasons.Pending,
        "The namespace has had as many mails as an hour allows (config.smtp.maxTriesPerHour); the link is mailed after "
        + $"{Rfc3339.Format(until)}, and can also be taken from its Secret");

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset? other) => other > one ? other.Value : one;

    private static TimeSpan Pause(int attempts) => Backoff.Delay(Math.Max(attempts, 1) - 1, InitialDelay, MaxDelay);
}
