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
            _ when device.Unconfirmed.Contains(slot.Selector) => SlotPhase.Ended,
            // Another operator process may be about to commit it.
            _ when slot.IssuedAt + device.UncommittedSlotGrace > now => SlotPhase.Uncommitted,
            _ => SlotPhase.Ended,
        };

    /// <summary>Whether its time is over.</summary>
    public static bool IsOver(Slot slot, MailDeviceSnapshot device, DateTimeOffset now) =>
        EndOf(slot, device) is { } end && end <= now;

    /// <summary>
    /// When it ends by itself: by the Secret if its record can be believed, else by the status. Null if neither says.
    /// </summary>
    public static DateTimeOffset? EndOf(Slot slot, MailDeviceSnapshot device) => device.TrustedRecord switch
    {
        _ when device.Unconfirmed.Contains(slot.Selector) => slot.IssuedAt,
        null => EndIn(device.ReportedRetiring, slot),
        { } record when record.Selector == slot.Selector => null,
        { } record => EndIn(record.Retiring, slot) ?? slot.IssuedAt + device.UncommittedSlotGrace,
    };

    /// <summary>
    /// A password that is replaced ends no later than it was to end before, whoever caused the replacement.
    /// </summary>
    public static RetiringCredential Retire(string selector, DateTimeOffset end, MailDeviceSnapshot device) =>
        device.ReportedRetiring.FirstOrDefault(one => one.Selector == selector) is { } known && known.At < end
            ? known
            : new RetiringCredential(selector, end);

    // A slot that the Secret no longer lists counts as revoked: ending one session too many is safer than one too few.
    public static bool HadOverlap(Slot slot, MailDeviceSnapshot device) =>
        device.TrustedRecord is { } record
        && record.Retiring.Any(retiring => retiring.Selector == slot.Selector && retiring.At > record.IssuedAt);

    // A young slot that the status never showed is left over from an interrupted issue: nobody has read its password.
    public static bool WasHandedOut(Slot slot, MailDeviceSnapshot device, DateTimeOffset now) =>
        device.ReportedCredentials.Contains(slot.Selector) || slot.IssuedAt + device.UncommittedSlotGrace <= now;

    private static DateTimeOffset? EndIn(ImmutableArray<RetiringCredential> retiring, Slot slot) =>
        retiring.FirstOrDefault(one => one.Selector == slot.Selector)?.At;
}
