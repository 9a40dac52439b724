using System.Collections.Immutable;
using MailOperator.Api;

namespace MailOperator.Backends;

/// <summary>What a slot may be used for. Compares by content.</summary>
internal sealed record SlotRestrictions
{
    /// <summary>The device's name in the mail server's log.</summary>
    public required string DeviceName { get; init; }

    /// <summary>Sorted, without duplicates.</summary>
    public required ImmutableArray<MailProtocol> Protocols { get; init; }

    /// <summary>CIDR; empty means anywhere.</summary>
    public ImmutableArray<string> AllowedNetworks { get; init; } = [];

    /// <summary>Whether SMTP is accepted; always true where it is not among <see cref="Protocols"/>.</summary>
    public bool MaySend
    {
        get => field || !Protocols.Contains(MailProtocol.SMTP);
        init;
    } = true;

    /// <summary>Whether the slot is kept but refused.</summary>
    public bool IsSuspended { get; init; }

    public bool Equals(SlotRestrictions? other) =>
        other is not null
        && DeviceName == other.DeviceName
        && IsSuspended == other.IsSuspended
        && MaySend == other.MaySend
        && Protocols.AsSpan().SequenceEqual(other.Protocols.AsSpan())
        && AllowedNetworks.AsSpan().SequenceEqual(other.AllowedNetworks.AsSpan());

    public override int GetHashCode() =>
        HashCode.Combine(DeviceName, IsSuspended, MaySend, Protocols.Length, AllowedNetworks.Length);
}
