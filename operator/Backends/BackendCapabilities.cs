namespace MailOperator.Backends;

/// <summary>What a backend can enforce. What it cannot is refused, never ignored.</summary>
[Flags]
internal enum BackendCapabilities
{
    None = 0,

    /// <summary>Takes a hash and never sees a password.</summary>
    Hash = 1 << 0,

    /// <summary>Holds several passwords for one device, so that rotation overlaps.</summary>
    Overlap = 1 << 1,

    Protocols = 1 << 2,

    /// <summary>Can refuse sending alone.</summary>
    SendRight = 1 << 3,

    Networks = 1 << 4,

    /// <summary>Ends a slot by itself at a date, also while the operator is down.</summary>
    Expiry = 1 << 5,

    List = 1 << 6,

    /// <summary>Takes passwords that people chose, which it cannot find by their first characters.</summary>
    ChosenPassword = 1 << 7,

    /// <summary>Tells when a device logged in last.</summary>
    LastUse = 1 << 8,

    /// <summary>Makes the passwords itself: an <see cref="IPasswordIssuer"/>.</summary>
    Issued = 1 << 9,
}
