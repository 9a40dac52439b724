using MailOperator.Api;
using MailOperator.Reporting;

namespace MailOperator.MailDevices.Status;

/// <summary>Decides which conditions are announced with an event. Pure.</summary>
internal static class DeviceEvents
{
    // Ready is announced by the first of its rules that applies: a device that is paused while it is in trouble gets a
    // warning.
    private static readonly Rule[] Rules =
    [
        new(ConditionTypes.Expiring, ConditionStatus.IsTrue, IsAdded),
        new(ConditionTypes.RestartPending, ConditionStatus.IsTrue, Differs),
        new(ConditionTypes.Compromised, ConditionStatus.IsTrue, Differs),
        new(ConditionTypes.RotationRefused, ConditionStatus.IsTrue, IsAdded),
        new(ConditionTypes.Ignored, ConditionStatus.IsTrue, Differs),
        new(ConditionTypes.Verified, ConditionStatus.IsFalse, HasNewStatus) { IsSilentIfReadySaysIt = true },
        new(ConditionTypes.RevocationPending, IsBlocked, Differs) { IsSilentIfReadySaysIt = true },
        new(ConditionTypes.Suspended, ConditionStatus.IsTrue, HasNewReason)
        {
            IsWarning = false,
            IsSilentIfReadySaysIt = true,
        },
        new(ConditionTypes.Ready, IsTrouble, Differs),
        new(ConditionTypes.Ready, IsOnHold, HasNewReason) { IsWarning = false },
    ];

    /// <summary>The events to record, in this order.</summary>
    /// <param name="before">The conditions so far.</param>
    /// <param name="after">The conditions now.</param>
    /// <param name="isWaiting">What keeps the device from being ready may still come, and is no trouble yet.</param>
    public static IEnumerable<DeviceEvent> Of(
        IReadOnlyList<Condition> before, IReadOnlyList<Condition> after, bool isWaiting = false)
    {
        string? ready = StatusConditions.Find(after, ConditionTypes.Ready)?.Reason;
        return Rules
            .Where(rule => StatusConditions.Find(after, rule.Type) is { } now
                && rule.Applies(now)
                && !(isWaiting && rule is { Type: ConditionTypes.Ready, IsWarning: true })
                && rule.IsNews(StatusConditions.Find(before, rule.Type), now)
                && !(rule.IsSilentIfReadySaysIt && now.Reason == ready))
            .Select(rule => new DeviceEvent(StatusConditions.Find(after, rule.Type)!, rule.IsWarning))
            .DistinctBy(static announced => announced.Condition.Type);
    }

    private static bool IsBlocked(Condition now) => now.Reason == Reasons.RevocationBlocked;

    private static bool IsTrouble(Condition now) => now.IsFalse()
        && now.Reason is not (Reasons.Suspended or Reasons.UserSuspended or Reasons.Pending or Reasons.Revoked);

    private static bool IsOnHold(Condition now) =>
        now.Reason is Reasons.Suspended or Reasons.UserSuspended or Reasons.Paused;

    private static bool IsAdded(Condition? before, Condition now) => before is null;

    private static bool HasNewStatus(Condition? before, Condition now) => before?.Status != now.Status;

    private static bool HasNewReason(Condition? before, Condition now) => before?.Reason != now.Reason;

    private static bool Differs(Condition? before, Condition now) =>
        HasNewReason(before, now) || before?.Message != now.Message;

    /// <param name="Type">Type of the condition.</param>
    /// <param name="Applies">Whether the condition as it is now may be announced.</param>
    /// <param name="IsNews">Compares the condition before, null if there was none, with the one now.</param>
    private sealed record Rule(
        string Type, Func<Condition, bool> Applies, Func<Condition?, Condition, bool> IsNews)
    {
        /// <summary>The severity of the event: Warning, else Normal.</summary>
        public bool IsWarning { get; init; } = true;

        /// <summary>No event if Ready has the same reason: the event of Ready says it.</summary>
        public bool IsSilentIfReadySaysIt { get; init; }
    }
}

/// <summary>An event that announces a condition, with its reason and message.</summary>
/// <param name="Condition">The condition.</param>
/// <param name="IsWarning">The severity: Warning, else Normal.</param>
internal readonly record struct DeviceEvent(Condition Condition, bool IsWarning);
