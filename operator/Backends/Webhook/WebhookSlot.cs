using System.Collections.Immutable;
using System.Text.Json;
using MailOperator.Api;

namespace MailOperator.Backends.Webhook;

/// <summary>A slot in the format of the contract.</summary>
internal sealed record WebhookSlot
{
    public required string Mailbox { get; init; }

    public required string Selector { get; init; }

    public required bool Chosen { get; init; }

    public required string Hash { get; init; }

    public required string DeviceName { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    public DateTimeOffset? NotAfter { get; init; }

    public required MailProtocol[] Protocols { get; init; }

    public required bool MaySend { get; init; }

    public required string[] AllowedNetworks { get; init; }

    public required bool Suspended { get; init; }

    public required bool Retained { get; init; }

    public WebhookEnd? Ended { get; init; }

    /// <summary>Set by the mail system, and never put.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    public static WebhookSlot Of(Slot slot) => new()
    {
        Mailbox = slot.Mailbox,
        Selector = slot.Selector,
        Chosen = slot.IsChosen,
        Hash = slot.Hash,
        DeviceName = slot.Restrictions.DeviceName,
        IssuedAt = slot.IssuedAt,
        NotAfter = slot.NotAfter,
        Protocols = [.. slot.Restrictions.Protocols],
        MaySend = slot.Restrictions.MaySend,
        AllowedNetworks = [.. slot.Restrictions.AllowedNetworks],
        Suspended = slot.Restrictions.IsSuspended,
        Retained = slot.IsRetained,
        Ended = slot.End is { } end ? new WebhookEnd { At = end.At, EndsSessions = end.EndsSessions } : null,
    };

    public Slot ToSlot(SlotOwner owner) => new()
    {
        Owner = owner,
        Mailbox = Mailbox,
        Selector = Selector,
        IsChosen = Chosen,
        Hash = Hash,
        IssuedAt = IssuedAt,
        NotAfter = NotAfter,
        IsRetained = Retained,
        LastUsedAt = LastUsedAt,
        End = Ended is { } end ? new SlotEnd(end.At, end.EndsSessions) : null,
        Restrictions = new SlotRestrictions
        {
            DeviceName = DeviceName,
            Protocols = [.. Protocols.Distinct().Order()],
            MaySend = MaySend,
            AllowedNetworks = [.. AllowedNetworks],
            IsSuspended = Suspended,
        },
    };

    /// <summary>The slots of an owner.</summary>
    /// <exception cref="JsonException">They violate the contract.</exception>
    public static ImmutableArray<Slot> ToSlots(IReadOnlyCollection<WebhookSlot?> slots, SlotOwner owner)
    {
        if (slots.Any(static slot => slot is null || slot.AllowedNetworks.Any(static network => network is null)))
        {
            throw new JsonException("an element is null");
        }

        return slots.Select(static slot => slot!.Selector).Distinct(StringComparer.Ordinal).Count() < slots.Count
            ? throw new JsonException("a device has two slots with one selector")
            : [.. slots.Select(slot => slot!.ToSlot(owner))];
    }
}

internal sealed record WebhookEnd
{
    public required DateTimeOffset At { get; init; }

    public required bool EndsSessions { get; init; }
}
