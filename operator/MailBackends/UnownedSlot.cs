using MailOperator.Backends;

namespace MailOperator.MailBackends;

/// <summary>
/// A slot of this operator whose MailDevice does not exist: left by a <c>deletionPolicy</c> of Retain, or without a
/// revocation.
/// </summary>
/// <param name="Slot">The slot at the backend.</param>
/// <param name="Namespace">Of its device; "" if the backend does not store it.</param>
/// <param name="Device">Name of its device; "" if the backend does not store it.</param>
internal sealed record UnownedSlot(Slot Slot, string Namespace, string Device)
{
    public static UnownedSlot Of(Slot slot)
    {
        // Where the mail system makes the passwords it stores a name that a tenant writes.
        string name = slot.Device is null ? slot.Restrictions.DeviceName : "";
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash < 0
            ? new UnownedSlot(slot, "", "")
            : new UnownedSlot(slot, name[..slash], name[(slash + 1)..]);
    }

    /// <summary>What it counts for in the quotas: one place for each device, however many slots it left.</summary>
    public UnownedPlace Place => new(Slot.Owner.DeviceUid, Namespace, Slot.Mailbox);
}
