using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Reporting;

namespace MailOperator.MailBackends;

/// <summary>
/// What the status of a MailBackend reports about orphans. Without a plan, because the backend could not be listed, it
/// keeps what it reported before.
/// </summary>
internal static class OrphanReport
{
    /// <summary>How many are named; the others are only counted.</summary>
    public const int MaxNamed = 50;

    public static int? Count(MailBackendStatus? before, OrphanPlan? plan) => plan?.All.Length ?? before?.OrphanSlots;

    public static OrphanStatus[]? Named(MailBackendStatus? before, OrphanPlan? plan) => plan switch
    {
        null => before?.Orphans,
        { All.IsEmpty: true } => null,
        _ => [.. plan.All.Take(MaxNamed).Select(static orphan => new OrphanStatus
        {
            Mailbox = orphan.Slot.Mailbox,
            Id = orphan.Slot.Selector,
            DeviceUid = orphan.Slot.Owner.DeviceUid,
            Since = orphan.Since,
        })],
    };

    /// <summary>The condition OrphansHeld, if it applies.</summary>
    public static Condition[] BlockedCondition(MailBackendStatus? before, OrphanPlan? plan) => plan switch
    {
        null => [.. (before?.Conditions ?? []).Where(static one => one.Type == ConditionTypes.OrphansHeld)],
        { Held.IsEmpty: false } => [Blocked(plan.Held)],
        _ => [],
    };

    private static Condition Blocked(ImmutableSortedDictionary<string, int> held)
    {
        string counts = string.Join(", ", held.Select(static one =>
            $"{one.Value} of namespace '{OrphanConfirmation.NameOf(one.Key)}'"));
        return Conditions.True(
            ConditionTypes.OrphansHeld,
            Reasons.OrphansHeld,
            $"Credentials belong to MailDevices that are gone, more than one in {OrphanPlanner.OneIn} of all in their "
            + $"namespace: {counts}. They stay until a person confirms it, at most until spec.expiry.maximum. If they "
            + $"are to be removed, set the annotation {Annotations.RemoveOrphans}: "
            + $"\"{OrphanConfirmation.Format(held)}\" on this MailBackend");
    }
}
