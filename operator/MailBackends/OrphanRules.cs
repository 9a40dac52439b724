using MailOperator.Backends;

namespace MailOperator.MailBackends;

/// <summary>How long orphans stay.</summary>
/// <param name="Grace">How long after they were first seen; null means that the grace never ends them.</param>
/// <param name="Maximum">How long after they were issued, whatever else holds them; null means no limit.</param>
/// <param name="Confirmed">How many a person has agreed to remove.</param>
internal sealed record OrphanRules(TimeSpan? Grace, TimeSpan? Maximum, OrphanConfirmation Confirmed)
{
    /// <summary>Whether it ends now, because no grant covers it any more and its device has gone.</summary>
    public Predicate<Orphan> IsWithdrawn { get; init; } = static _ => false;

    /// <summary>Whether another operator made a slot, under the instance name of this one.</summary>
    public Predicate<Slot> IsOfAnother { get; init; } = static _ => false;
}
