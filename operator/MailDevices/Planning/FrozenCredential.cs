using System.Collections.Immutable;
using MailOperator.Backends;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.MailDevices.Planning;

/// <summary>
/// The credential of a frozen device: one that is paused or has a problem. It stays unchanged and ends on time.
/// </summary>
/// <param name="Secret">The Secret; null if there is none.</param>
/// <param name="Retiring">Earlier credentials and when each ends; empty if the Secret is not genuine.</param>
/// <param name="Slots">Its slots at the backend that have not ended.</param>
internal sealed record FrozenCredential(
    ObsoleteSecret? Secret, ImmutableArray<RetiringCredential> Retiring, ImmutableArray<Slot> Slots);
