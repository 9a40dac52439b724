namespace MailOperator.Backends;

/// <summary>One accepted password at the backend.</summary>
internal sealed record Slot
{
    public required SlotOwner Owner { get; init; }

    /// <summary>The slot's id within its mailbox: the first six characters of a password that the operator generated, else six random ones.</summary>
    public required string Selector { get; init; }

    /// <summary>A person chose the password, so that it does not begin with its selector: the backend finds it otherwise.</summary>
    public bool IsChosen { get; init; }

    /// <summary>In lower case.</summary>
    public required string Mailbox { get; init; }

    /// <summary>A bcrypt hash; empty where the mail system makes the passwords.</summary>
    public required string Hash { get; init; }

    /// <summary>When it was pushed; whole seconds, UTC.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>When the mail server itself refuses it from; null means never, or that the backend knows no dates. Whole seconds, UTC.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    public required SlotRestrictions Restrictions { get; init; }

    /// <summary>The device as the mail system keeps it; null where it keeps none.</summary>
    public DeviceDescription? Device { get; init; }

    /// <summary>What the mail system has found wrong with its use; null if nothing, or if it does not tell.</summary>
    public SlotAlarm? Alarm { get; init; }

    /// <summary>The latest login with it, if the mail system tells that with the slot; UTC.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Left by a device whose deletionPolicy is Retain: nobody removes it any more.</summary>
    public bool IsRetained { get; init; }

    /// <summary>Set once its time is over: it is refused for good, and kept until every mail server has heard of it.</summary>
    public SlotEnd? End { get; init; }

    /// <summary>False if the backend holds it in another form than a put of it would leave: put it again.</summary>
    public bool IsIntact { get; init; } = true;
}
