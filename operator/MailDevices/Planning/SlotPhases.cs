using System.Collections.Immutable;
using MailOperator.Backends;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.MailDevices.Planning;

/// <summary>Classifies slots by what the Secret and the status say about them.</summary>
internal static class SlotPhases
{
    public static SlotPhase Of(Slot slot, MailDeviceSnapshot device, CredentialRecord credential, DateTimeOffset now) =>
        slot switch
        {
            _ when slot.Selector == credential.Selector => SlotPhase.Current,
            _ when credential.Retiring.Any(one => one.Selector == slot.Selector && one.At > now) => SlotPhase.Retiring,
            _ when credential.Retiring.Any(one => one.Selector == slot.Selector) => SlotPhase.Ended,
            // Another operator process may be about to commit it.
            _ when slot.IssuedAt + device.UncommittedSlotGrace > now => SlotPhase.Uncommitted,
            _ => SlotPhase.Ended,
        };

    // A slot that the Secret no longer lists counts as revoked: ending one session too many is safer than one too few.
    public static bool HadOverlap(Slot slot, CredentialRecord credential) =>
        credential.Retiring.Any(retiring => retiring.Selector == slot.Selector && retiring.At > credential.IssuedAt);

    // A young slot that the status never showed is left over from an interrupted issue: nobody has read its password.
    public static bool WasHandedOut(Slot slot, MailDeviceSnapshot device, DateTimeOffset now) =>
        device.ReportedCredentials.Contains(slot.Selector) || slot.IssuedAt + device.UncommittedSlotGrace <= now;

    public static ImmutableArray<string> HandedOut(MailDeviceSnapshot device, DateTimeOffset now) =>
        [.. device.Slots.Where(slot => WasHandedOut(slot, device, now)).Select(static slot => slot.Selector)];
}
