using System.Collections.Immutable;
using MailOperator.Backends;

namespace MailOperator.MailBackends;

/// <summary>The next steps to end slots that have no device.</summary>
/// <param name="Refuse">Slots to put, with their end: the store refuses them from now on.</param>
/// <param name="Finish">Slots to remove; first the mail servers are told, where there are any.</param>
/// <param name="DueIn">How long until the next one can be finished; null if none waits.</param>
internal sealed record SlotEndPlan(ImmutableArray<Slot> Refuse, ImmutableArray<Slot> Finish, TimeSpan? DueIn);
