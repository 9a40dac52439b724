namespace MailOperator.Backends;

/// <summary>One accepted password at the backend.</summary>
internal sealed record Slot
{
    public required SlotOwner Owner { get; init; }

    /// <summary>
    /// The slot's id within its mailbox: the first six characters of a generated password, or six random ones.
    /// </summary>
    public required string Selector { get; init; }

    /// <summary>
    /// A person chose the password, so it does not begin with its selector and the backend needs another way to look it
    /// up.
    /// </summary>
    public bool IsChosen { get; init; }

    /// <summary>In lower case.</summary>
    public required string Mailbox { get; init; }

    /// <summary>A bcrypt hash; empty where the mail system makes the passwords.</summary>
    public required string Hash { get; init; }

    /// <summary>When it was pushed; whole seconds, UTC.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>
    /// From when the mail server itself refuses it; null means never, or that the backend knows no dates. Whole
    /// seconds, UTC.
    /// </summary>
    public DateTimeOffset? NotAfter { get; init; }

    public required SlotRestrictions Restrictions { get; init; }

    /// <summary>The device as the mail system stores it; null if it stores none.</summary>
    public DeviceDescription? Device { get; init; }

    /// <summary>What the mail system reports about its use; null if nothing or if it does not report.</summary>
    public SlotAlarm? Alarm { get; init; }

    /// <summary>The latest login with it, if the mail system shows that with the slot; UTC.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>
    /// Left by a device whose deletionPolicy is Retain: it is no orphan, and ends when the MailBackend says so.
    /// </summary>
    public bool IsRetained { get; init; }

    /// <summary>Set once it has ended: it is refused permanently, and kept until every mail server knows.</summary>
    public SlotEnd? End { get; init; }

    /// <summary>False if a put would change how the backend stores it: put it again.</summary>
    public bool IsIntact { get; init; } = true;
}
