using MailOperator.Api;

namespace MailOperator.MailBackends;

/// <summary>
/// What the status of a MailBackend reports about retained passwords. Without a plan, because the backend could not be
/// listed, it keeps what it reported before.
/// </summary>
internal static class RetainedReport
{
    public static int? Count(MailBackendStatus? before, RetainedPlan? plan) =>
        plan?.All.Length ?? before?.RetainedSlots;

    /// <summary>The oldest.</summary>
    public static RetainedStatus[]? Named(MailBackendStatus? before, RetainedPlan? plan) => plan switch
    {
        null => before?.Retained,
        { All.IsEmpty: true } => null,
        _ => [.. plan.All.Take(OrphanReport.MaxNamed).Select(static retained => new RetainedStatus
        {
            Namespace = retained.Namespace,
            Mailbox = retained.Slot.Mailbox,
            Device = retained.Device,
            Id = retained.Slot.Selector,
            Since = retained.Slot.IssuedAt,
        })],
    };
}
