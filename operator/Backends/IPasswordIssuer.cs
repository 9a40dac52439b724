using MailOperator.Passwords;

namespace MailOperator.Backends;

/// <summary>
/// The part of a mail system that makes passwords itself (see <see cref="IMailBackend.Issuer"/>). Its slots have an
/// empty hash, and a selector that the operator makes up and the system only stores. What such a slot may be used for
/// is fixed when it is issued: a later put only renames the device or marks the slot as retained.
/// </summary>
internal interface IPasswordIssuer
{
    /// <summary>
    /// Which of these restrictions the system cannot enforce, and what to do about it, as a sentence; null if it can
    /// enforce all.
    /// </summary>
    string? Unsupported(SlotRestrictions restrictions, DeviceDescription device);

    /// <summary>
    /// Makes a slot and returns the password that the mail system generated, which the system shows only once. If the
    /// answer is lost, it finds the new slot by its selector and has the system replace the password, so that one call
    /// makes one slot. Two calls must not use the same selector: the later one would invalidate the earlier one's
    /// password.
    /// </summary>
    /// <exception cref="MailBackendException">No password was issued, or the outcome is unknown.</exception>
    Task<AppPassword> IssueAsync(Slot slot, CancellationToken cancellationToken);
}
