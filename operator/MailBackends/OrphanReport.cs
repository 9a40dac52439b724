using MailOperator.Api;

namespace MailOperator.MailBackends;

/// <summary>What a MailBackend's status says of orphans. Where they could not be looked for, what was last known stands.</summary>
internal static class OrphanReport
{
    /// <summary>So many are named; the others are counted.</summary>
    public const int MaxNamed = 50;

    public static int? Count(MailBackendStatus? before, OrphanFindings? found) => found?.All.Length ?? before?.OrphanSlots;

    public static OrphanStatus[]? Named(MailBackendStatus? before, OrphanFindings? found) =>
        found is null ? before?.Orphans
            : found.All.IsEmpty ? null
            : [.. found.All.Take(MaxNamed).Select(static orphan => new OrphanStatus
            {
                Mailbox = orphan.Slot.Mailbox,
                Id = orphan.Slot.Selector,
                DeviceUid = orphan.Slot.Owner.DeviceUid,
                Since = orphan.Since,
            })];

    public static Condition[] Conditions(MailBackendStatus? before, OrphanFindings? found) =>
        found is null ? [.. (before?.Conditions ?? []).Where(static condition => condition.Type == ConditionTypes.OrphansHeld)]
            : found.IsHeld ? [Held(found.All.Length)]
            : [];

    private static Condition Held(int count) => new()
    {
        Type = ConditionTypes.OrphansHeld,
        Status = "True",
        Reason = Reasons.OrphansHeld,
        Message = $"{count} credentials belong to MailDevices that are gone, more than one in {OrphanJudge.OneIn} of all, so they are not removed without a "
            + $"person's word. If that is right, set the annotation {Annotations.RemoveOrphans}: \"{count}\" on this MailBackend",
    };
}
