namespace MailOperator.Backends;

/// <summary>
/// What a backend can do. A device that needs more is refused; nothing is silently ignored. The names are part of the
/// API: <c>status.capabilities</c> shows them.
/// </summary>
[Flags]
internal enum BackendCapabilities
{
    None = 0,

    /// <summary>Takes a hash and never sees a password: it has no <see cref="IMailBackend.Issuer"/>.</summary>
    Hash = 1 << 0,

    /// <summary>Holds several passwords for one device, so that rotation overlaps.</summary>
    Overlap = 1 << 1,

    Protocols = 1 << 2,

    /// <summary>Can refuse sending alone.</summary>
    SendRight = 1 << 3,

    Networks = 1 << 4,

    /// <summary>Ends a slot by itself at a given time, also while the operator is down.</summary>
    Expiry = 1 << 5,

    List = 1 << 6,

    /// <summary>Takes passwords chosen by people, which it cannot look up by their first characters.</summary>
    ChosenPassword = 1 << 7,

    /// <summary>
    /// Tells when a device logged in last: with the slot (<see cref="Slot.LastUsedAt"/>) or by
    /// <see cref="IMailBackend.Uses"/>.
    /// </summary>
    LastUse = 1 << 8,

    /// <summary>Makes the passwords itself: it has an <see cref="IMailBackend.Issuer"/>.</summary>
    Issued = 1 << 9,
}
