using System.Collections.Immutable;
using System.Globalization;
using MailOperator.Api;

namespace MailOperator.Backends.Infomaniak;

/// <summary>One device's access to one mailbox: what the API gives a password to.</summary>
internal sealed record DeviceAccess
{
    // A mark in the label of the single password from before there were devices is no work of the operator's.
    private const string Legacy = "legacy";

    public required long Id { get; init; }

    public ApiDevice? Device { get; init; }

    public string? Protocols { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>Seconds since 1970; null if there was none.</summary>
    public long? LastConnection { get; init; }

    public string? Status { get; init; }

    public ApiUser? UserAccess { get; init; }

    public ApiMailbox? Mailbox { get; init; }

    /// <summary>Whose slot it is; null if it is none of an operator's.</summary>
    public DeviceLabel? Label => Device is { Type: not Legacy } device ? DeviceLabel.Parse(device.Label) : null;

    /// <summary>What the API calls a set of protocols; null if it has none for it. Sending is in all of them.</summary>
    public static string? ProtocolsOf(ImmutableArray<MailProtocol> protocols) =>
        (protocols.Contains(MailProtocol.IMAP), protocols.Contains(MailProtocol.POP3), protocols.Contains(MailProtocol.SMTP)) switch
        {
            (true, false, true) => "imap",
            (false, true, true) => "pop3",
            (true, true, true) => "pop3-imap",
            _ => null,
        };

    /// <summary>What the API calls a device of this type.</summary>
    public static string TypeOf(DeviceType type) => type switch
    {
        DeviceType.Computer => "computer",
        DeviceType.Phone => "phone",
        DeviceType.Tablet => "tablet",
        _ => "other", // the API knows no applications
    };

    /// <summary>A slot, of all accesses with its selector: a request that was repeated on its way made more than one.</summary>
    /// <exception cref="FormatException">An access is not as the API's description has it.</exception>
    public static Slot ToSlot(IReadOnlyList<DeviceAccess> accesses, string mailbox)
    {
        DeviceAccess first = accesses[0];
        DeviceLabel label = first.Label!;
        return new Slot
        {
            Owner = label.Owner,
            Selector = label.Selector,
            Mailbox = mailbox,
            Hash = "",
            IssuedAt = accesses.Max(static access => Time(access.CreatedAt)),
            Restrictions = new SlotRestrictions { DeviceName = label.Name, Protocols = MailProtocols(first.Protocols) },
            Device = new DeviceDescription(KindOf(first.Device!.Type), User: null, first.UserAccess?.Id.ToString(CultureInfo.InvariantCulture)),
            Alarm = accesses.Min(static access => AlarmOf(access.Status)),
            LastUsedAt = accesses.Max(static access => access.LastConnection is { } time ? Time(time) : (DateTimeOffset?)null),
            IsRetained = label.IsRetained,
        };
    }

    private static ImmutableArray<MailProtocol> MailProtocols(string? protocols) => protocols switch
    {
        "imap" => [MailProtocol.IMAP, MailProtocol.SMTP],
        "pop3" => [MailProtocol.POP3, MailProtocol.SMTP],
        "pop3-imap" => [MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP],
        _ => throw new FormatException("an access has protocols that it does not name"),
    };

    private static DeviceType KindOf(string type) => type switch
    {
        "computer" => DeviceType.Computer,
        "phone" => DeviceType.Phone,
        "tablet" => DeviceType.Tablet,
        _ => DeviceType.Other,
    };

    private static SlotAlarm? AlarmOf(string? status) => status switch
    {
        "leaked" => SlotAlarm.Leaked,
        "spam" => SlotAlarm.SendsSpam,
        _ => null,
    };

    private static DateTimeOffset Time(long seconds) =>
        seconds >= 0 && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new FormatException("an access has a time that is none");
}

internal sealed record ApiUser
{
    public required long Id { get; init; }
}

internal sealed record ApiMailbox
{
    /// <summary>The whole address.</summary>
    public required string Mailbox { get; init; }

    /// <summary>The same with an international domain in its own letters.</summary>
    public string? MailboxIdn { get; init; }
}
