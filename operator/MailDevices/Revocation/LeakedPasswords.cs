using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.MailDevices.Revocation;

/// <summary>The passwords that rotate-and-revoke ends at once, before another one is made. Pure.</summary>
/// <param name="Selectors">Their slots.</param>
/// <param name="Held">Why one of them goes on although the annotation asks to end it; null if none does.</param>
internal sealed record LeakedPasswords(ImmutableArray<string> Selectors, string? Held = null)
{
    private static readonly LeakedPasswords None = new([]);

    /// <summary>
    /// Slots that are refused at once and kept until the next chosen password is committed: it may be one of them, and
    /// then it has leaked too.
    /// </summary>
    public ImmutableArray<string> Kept { get; init; } = [];

    /// <param name="device">The device as observed.</param>
    /// <param name="mayGive">A new password can follow in the same plan.</param>
    /// <param name="now">The time.</param>
    public static LeakedPasswords Of(MailDeviceSnapshot device, bool mayGive, DateTimeOffset now) => device switch
    {
        _ when !RotateRequest.IsRevocationAsked(device) => None,
        { IsForPerson: true } or { TrustedRecord.Origin: PasswordOrigin.Claimed } => device.Slots.IsEmpty
            ? None
            : new LeakedPasswords(
                [],
                $"{Annotations.RotateAndRevoke} cannot replace a password that a person has claimed, and it still "
                + "works. To end it, delete this MailDevice or set spec.suspended"),
        { Source: { Problem: null, IsInSecret: true }, TrustedRecord: { } record } => new LeakedPasswords(
            HandedOut(device, now).Remove(record.Selector),
            device.Slots.Any(slot => slot.Selector == record.Selector)
                ? $"{Annotations.RotateAndRevoke} asks to end a chosen password that its source still contains, so "
                    + "it still works. To end it, change it there, set spec.suspended or delete the device"
                : null),
        { Source.Problem: null } when mayGive => None with { Kept = HandedOut(device, now) },
        _ => new LeakedPasswords(HandedOut(device, now)),
    };

    /// <summary>Whether the slot is refused, and kept.</summary>
    public bool Keep(Slot slot) => Kept.Contains(slot.Selector);

    public bool Contain(Slot slot) => Selectors.Contains(slot.Selector);

    /// <summary>The passwords that somebody may have read.</summary>
    public static ImmutableArray<string> HandedOut(MailDeviceSnapshot device, DateTimeOffset now) =>
        device.TrustedRecord is { } record
            ? [record.Selector, .. record.Retiring.Select(static retiring => retiring.Selector)]
            : [.. device.Places.SelectMany(static place => place.Slots)
                .Where(slot => SlotPhases.WasHandedOut(slot, device, now)).Select(static slot => slot.Selector)];
}
