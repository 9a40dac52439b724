using MailOperator.Passwords;

namespace MailOperator.Backends;

/// <summary>
/// A mail system that makes passwords itself and takes no hashes (it lacks <see cref="BackendCapabilities.Hash"/>). Its slots
/// have an empty hash, and a selector that the operator made up and the system only keeps. What such a slot may be used for
/// is settled when it is made; afterwards a put changes its device's name and marks it as retained, and nothing else.
/// </summary>
internal interface IPasswordIssuer : IMailBackend
{
    /// <summary>Which of these restrictions it cannot enforce and what to do about it, in a sentence; null if it can do all.</summary>
    string? Unsupported(SlotRestrictions restrictions, DeviceDescription device);

    /// <summary>
    /// Makes a slot and returns the password that the mail system gave it, which it tells only this once. Where an answer was
    /// lost it looks for what it made, by the selector, and has the system make another password for that: so one call
    /// makes one slot. No two calls may have the same selector, or the later would take the earlier one's password away.
    /// </summary>
    Task<AppPassword> IssueAsync(Slot slot, CancellationToken cancellationToken);
}

/// <summary>A mail system that is asked mailbox by mailbox.</summary>
internal interface IPerMailboxBackend : IMailBackend
{
    /// <summary>The store as it is for one mailbox, which is in lower case. Shares connections and limits with the whole.</summary>
    IMailBackend For(string mailbox);
}
