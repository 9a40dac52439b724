using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.MailDevices.Spec;

/// <summary>
/// What a device's spec, its MailUser and its MailBackend take away, as far as each can be read. They apply whatever
/// else is wrong, so nothing here depends on a valid spec. They never give a right.
/// </summary>
internal sealed record Stops
{
    public static readonly Stops None = new();

    /// <summary>The device or its user is suspended.</summary>
    public bool IsSuspended { get; init; }

    /// <summary>Name of the MailUser if it is suspended; null if it is not.</summary>
    public string? SuspendedUser { get; init; }

    /// <summary>False if the user's right to send is denied.</summary>
    public bool MaySend { get; init; } = true;

    /// <summary>The only protocols that may work; null if the spec limits none.</summary>
    public ImmutableArray<MailProtocol>? Protocols { get; init; }

    /// <summary>The only networks that may be used, as CIDR; null if the spec limits none.</summary>
    public ImmutableArray<string>? Networks { get; init; }

    /// <summary>When every password ends at the latest; null means never or unknown.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>What <see cref="EndsAt"/> was counted from, as the end of a sentence; "" for a fixed time.</summary>
    public string EndsBecause { get; init; } = "";

    /// <summary>The uid and the generation of the MailUser that was read; null without one.</summary>
    public (string Uid, long? Generation)? User { get; init; }

    /// <summary>Whether anything limits a password that goes on.</summary>
    public bool LimitAnything => IsSuspended || !MaySend || Protocols is not null || Networks is not null;

    /// <summary>
    /// The restrictions of a slot after what is taken away. If nothing would be left of its protocols or its networks,
    /// the slot is refused, because no backend can store "nothing".
    /// </summary>
    /// <param name="before">The restrictions that the backend enforces now.</param>
    /// <param name="capabilities">What the backend can enforce. The rest stays as it is.</param>
    public SlotRestrictions Limit(SlotRestrictions before, BackendCapabilities capabilities)
    {
        if (capabilities.HasFlag(BackendCapabilities.Issued))
        {
            return before; // such a backend fixes the restrictions of a password when it makes it
        }

        ImmutableArray<MailProtocol> protocols =
            Protocols is { } allowed && capabilities.HasFlag(BackendCapabilities.Protocols)
                ? [.. before.Protocols.Where(one => allowed.Contains(one))]
                : before.Protocols;
        ImmutableArray<string> networks =
            Networks is { } reachable && capabilities.HasFlag(BackendCapabilities.Networks)
            ? Network.Intersect(before.AllowedNetworks, reachable)
            : before.AllowedNetworks;
        bool isNothingLeft = protocols.IsEmpty || (networks.IsEmpty && !before.AllowedNetworks.IsEmpty);
        return before with
        {
            IsSuspended = before.IsSuspended || IsSuspended || isNothingLeft,
            MaySend = before.MaySend && (MaySend || !capabilities.HasFlag(BackendCapabilities.SendRight)),
            Protocols = protocols.IsEmpty ? before.Protocols : protocols,
            AllowedNetworks = networks.IsEmpty ? before.AllowedNetworks : networks,
        };
    }

    /// <summary>
    /// The fields that ask for a limit which the backend cannot enforce on this slot, so that it goes on without it.
    /// </summary>
    public IEnumerable<string> Unenforced(SlotRestrictions slot, BackendCapabilities capabilities)
    {
        bool isFixed = capabilities.HasFlag(BackendCapabilities.Issued);
        if (Protocols is { } allowed && slot.Protocols.Any(one => !allowed.Contains(one))
            && (isFixed || !capabilities.HasFlag(BackendCapabilities.Protocols)))
        {
            yield return "spec.protocols";
        }

        if (Networks is not null && (isFixed || !capabilities.HasFlag(BackendCapabilities.Networks)))
        {
            yield return "spec.allowedNetworks";
        }

        if (!MaySend && slot.MaySend && (isFixed || !capabilities.HasFlag(BackendCapabilities.SendRight)))
        {
            yield return "spec.sending of the MailUser";
        }
    }
}
