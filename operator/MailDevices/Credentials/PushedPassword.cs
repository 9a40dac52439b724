using MailOperator.Backends;
using MailOperator.Passwords;

namespace MailOperator.MailDevices.Credentials;

/// <summary>A password and its slot at the backend.</summary>
/// <param name="password">The plain password. Its creator disposes it.</param>
/// <param name="slot">Its slot.</param>
/// <param name="reused">The same slot if it existed before; null for a new one.</param>
internal sealed class PushedPassword(AppPassword password, Slot slot, Slot? reused)
{
    public void Deconstruct(out AppPassword itsPassword, out Slot itsSlot, out Slot? reusedSlot) =>
        (itsPassword, itsSlot, reusedSlot) = (password, slot, reused);
}
