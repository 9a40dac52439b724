using System.Collections.Immutable;
using MailOperator.Backends;
using MailOperator.MailDevices.Planning;

namespace MailOperator.MailDevices.Revocation;

/// <summary>
/// The device as it is once rights were taken away at its own backend. What gives rights is planned from that. Pure.
/// </summary>
internal static class WorldAfter
{
    public static MailDeviceSnapshot Of(MailDeviceSnapshot device, IEnumerable<Change> changes) =>
        changes.OfType<Change.OfRevocation>().Where(static change => change.At is null).Aggregate(device, Apply);

    private static MailDeviceSnapshot Apply(MailDeviceSnapshot device, Change.OfRevocation change) => change switch
    {
        Change.RemoveSlots remove => Without(device, remove.Selectors) with
        {
            EndedSlots = device.EndedSlots.RemoveAll(slot => remove.Selectors.Contains(slot.Selector)),
        },
        Change.RefuseSlots refuse => Refuse(device, refuse.Slots),
        Change.LimitSlots limit => device with
        {
            Slots = [.. device.Slots.Select(slot =>
                limit.Slots.FirstOrDefault(limited => limited.Selector == slot.Selector) ?? slot)],
        },
        Change.RemoveAll => device with { Slots = [], EndedSlots = [] },
        _ => device,
    };

    private static MailDeviceSnapshot Refuse(MailDeviceSnapshot device, ImmutableArray<Slot> refused)
    {
        ImmutableArray<string> selectors = [.. refused.Select(static slot => slot.Selector)];
        return Without(device, selectors) with
        {
            EndedSlots =
                [.. device.EndedSlots.Where(slot => !selectors.Contains(slot.Selector)), .. refused],
        };
    }

    private static MailDeviceSnapshot Without(MailDeviceSnapshot device, ImmutableArray<string> selectors) =>
        device with
        {
            Slots = device.Slots.RemoveAll(slot => selectors.Contains(slot.Selector)),
            EndingNow =
            [
                .. device.EndingNow,
                .. device.Slots.Select(static slot => slot.Selector).Where(selector => selectors.Contains(selector)),
            ],
        };
}
