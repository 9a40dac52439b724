using System.Collections.Immutable;
using MailOperator.Api;

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

    /// <summary>The conditions InstanceShared and OrphansHeld, if they apply.</summary>
    public static Condition[] Conditions(MailBackendStatus? before, OrphanPlan? plan) => plan is null
        ? [.. (before?.Conditions ?? []).Where(static one =>
            one.Type is ConditionTypes.InstanceShared or ConditionTypes.OrphansHeld)]
        : [
            .. plan.OfAnother is { } other
                ? [Reporting.Conditions.True(
                    ConditionTypes.InstanceShared, Reasons.InstanceShared, Explain(other))]
                : Array.Empty<Condition>(),
            .. plan.Held.IsEmpty ? Array.Empty<Condition>() : [Blocked(plan.Held)],
        ];

    /// <summary>What is wrong if another operator uses the instance name of this one, and what to do.</summary>
    public static string Explain(Orphan ofAnother) =>
        $"Another operator issues passwords here with this operator's instance name '{ofAnother.Slot.Owner.Instance}': "
        + $"{ofAnother.Slot.Selector} of {ofAnother.Slot.Mailbox} is of no MailDevice that was ever in this cluster. "
        + "Its passwords look like orphans, so no orphan is removed, except at spec.expiry.maximum. Give one of the "
        + "two another setting Instance";

    private static Condition Blocked(ImmutableSortedDictionary<string, int> held)
    {
        string counts = string.Join(", ", held.Select(static one =>
            $"{one.Value} of namespace '{OrphanConfirmation.NameOf(one.Key)}'"));
        return Reporting.Conditions.True(
            ConditionTypes.OrphansHeld,
            Reasons.OrphansHeld,
            $"Credentials belong to MailDevices that are gone, more than one in {OrphanPlanner.OneIn} of all in their "
            + $"namespace: {counts}. They stay until a person confirms it, at most until spec.expiry.maximum. If they "
            + $"are to be removed, set the annotation {Annotations.RemoveOrphans}: "
            + $"\"{OrphanConfirmation.Format(held)}\" on this MailBackend");
    }
}
