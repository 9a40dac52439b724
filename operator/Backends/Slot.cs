using System.Collections.Immutable;
using MailOperator.Api;

namespace MailOperator.Backends;

/// <summary>Who owns a slot: a MailDevice of one instance of the operator, so that two clusters can share a mail system.</summary>
/// <param name="Instance">By default the UID of the namespace <c>kube-system</c>.</param>
/// <param name="DeviceUid">The UID, not the name: a device made anew under the same name owns nothing of the old one.</param>
internal readonly record struct SlotOwner(string Instance, string DeviceUid)
{
    public override string ToString() => $"{Instance}/{DeviceUid}";

    public static SlotOwner? Parse(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < text.Length - 1 ? new SlotOwner(text[..slash], text[(slash + 1)..]) : null;
    }
}

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

/// <summary>The end of a slot that is still there as a note of what is left to do for it.</summary>
/// <param name="At">Since when the store of credentials refuses it; whole seconds, UTC.</param>
/// <param name="EndsSessions">Whether sessions that it opened end too, and not only the next login.</param>
internal sealed record SlotEnd(DateTimeOffset At, bool EndsSessions);

/// <summary>What a slot may be used for. Compares by content.</summary>
internal sealed record SlotRestrictions
{
    /// <summary>Name that the mail server's log shows for the device.</summary>
    public required string DeviceName { get; init; }

    /// <summary>Sorted, without repetition.</summary>
    public required ImmutableArray<MailProtocol> Protocols { get; init; }

    /// <summary>CIDR; empty means anywhere.</summary>
    public ImmutableArray<string> AllowedNetworks { get; init; } = [];

    /// <summary>Whether SMTP is accepted; always true where it is not among <see cref="Protocols"/>.</summary>
    public bool MaySend
    {
        get => field || !Protocols.Contains(MailProtocol.SMTP);
        init;
    } = true;

    /// <summary>A slot that is kept and refused.</summary>
    public bool IsSuspended { get; init; }

    public bool Equals(SlotRestrictions? other) =>
        other is not null
        && DeviceName == other.DeviceName
        && IsSuspended == other.IsSuspended
        && MaySend == other.MaySend
        && Protocols.AsSpan().SequenceEqual(other.Protocols.AsSpan())
        && AllowedNetworks.AsSpan().SequenceEqual(other.AllowedNetworks.AsSpan());

    public override int GetHashCode() => HashCode.Combine(DeviceName, IsSuspended, MaySend, Protocols.Length, AllowedNetworks.Length);
}

/// <summary>A change of one device's slots.</summary>
/// <param name="Owner">The device.</param>
/// <param name="Put">Slots to add, or to put in place of those with the same selector.</param>
/// <param name="Remove">Selectors of slots to remove.</param>
internal sealed record SlotChange(SlotOwner Owner, ImmutableArray<Slot> Put, ImmutableArray<string> Remove);
