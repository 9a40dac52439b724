using System.Collections.Immutable;
using MailOperator.Backends;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.MailDevices.Planning;

/// <summary>Tells slots apart by what the Secret and the status say of them.</summary>
internal static class SlotPhases
{
    public static SlotPhase Of(Slot slot, MailDeviceSnapshot device, CredentialRecord credential, DateTimeOffset now) =>
        slot.Selector == credential.Selector ? SlotPhase.Current
            : credential.Retiring.Any(retiring => retiring.Selector == slot.Selector && retiring.At > now) ? SlotPhase.Retiring
            : credential.Retiring.Any(ended => ended.Selector == slot.Selector) ? SlotPhase.Ended
            : slot.IssuedAt + device.UncommittedSlotGrace > now ? SlotPhase.Uncommitted // another operator may be about to commit it
            : SlotPhase.Ended;

    // One that no list names any more counts as revoked: rather a session too many ends than one too few.
    public static bool HadItsOverlap(Slot slot, CredentialRecord credential) =>
        credential.Retiring.Any(retiring => retiring.Selector == slot.Selector && retiring.At > credential.IssuedAt);

    // A young slot that the status never showed is what an issue left that was cut short: nobody has read its password.
    public static bool WasHandedOut(Slot slot, MailDeviceSnapshot device, DateTimeOffset now) =>
        device.ReportedCredentials.Contains(slot.Selector) || slot.IssuedAt + device.UncommittedSlotGrace <= now;

    public static ImmutableArray<string> HandedOut(MailDeviceSnapshot device, DateTimeOffset now) =>
        [.. device.Slots.Where(slot => WasHandedOut(slot, device, now)).Select(static slot => slot.Selector)];
}
