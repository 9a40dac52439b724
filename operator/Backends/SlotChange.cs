using System.Collections.Immutable;

namespace MailOperator.Backends;

/// <summary>A change of one device's slots.</summary>
/// <param name="Owner">The device.</param>
/// <param name="Put">Slots to add, or to replace by selector.</param>
/// <param name="Remove">Selectors of slots to remove.</param>
internal sealed record SlotChange(SlotOwner Owner, ImmutableArray<Slot> Put, ImmutableArray<string> Remove);
