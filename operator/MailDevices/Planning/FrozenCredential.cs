using System.Collections.Immutable;
using MailOperator.Backends;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.MailDevices.Planning;

/// <summary>What was issued to a device that now stands still. It is not changed, and ends when its time comes.</summary>
/// <param name="Secret">Its Secret, if there is one.</param>
/// <param name="Retiring">Earlier credentials and when each ends, if the Secret's bookkeeping can be believed.</param>
/// <param name="Slots">What its backend holds of it.</param>
internal sealed record FrozenCredential(
    ObsoleteSecret? Secret, ImmutableArray<RetiringCredential> Retiring, ImmutableArray<Slot> Slots);
