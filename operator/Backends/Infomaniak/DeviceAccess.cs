using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using MailOperator.Api;

namespace MailOperator.Backends.Infomaniak;

/// <summary>One device's access to one mailbox. The API makes one password per access.</summary>
internal sealed record DeviceAccess
{
    // The single password from before there were devices: never the operator's, even if its label has a mark.
    private const string Legacy = "legacy";

    public required long Id { get; init; }

    public ApiDevice? Device { get; init; }

    public string? Protocols { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>Seconds since 1970; null if there was no login.</summary>
    public long? LastConnection { get; init; }

    public string? Status { get; init; }

    public ApiUser? UserAccess { get; init; }

    public ApiMailbox? Mailbox { get; init; }

    /// <summary>The slot that it belongs to; null if no operator made it.</summary>
    [JsonIgnore]
    public DeviceLabel? Label => Device is { Type: not Legacy } device ? DeviceLabel.Parse(device.Label) : null;

    /// <summary>The API's name for a set of protocols; null if it has none. All of them include sending.</summary>
    public static string? ProtocolsOf(ImmutableArray<MailProtocol> protocols) =>
        (
            protocols.Contains(MailProtocol.IMAP), protocols.Contains(MailProtocol.POP3),
            protocols.Contains(MailProtocol.SMTP)) switch
        {
            (true, false, true) => "imap",
            (false, true, true) => "pop3",
            (true, true, true) => "pop3-imap",
            _ => null,
        };

    /// <summary>The API's name for a type of device.</summary>
    public static string TypeOf(DeviceType type) => type switch
    {
        DeviceType.Computer => "computer",
        DeviceType.Phone => "phone",
        DeviceType.Tablet => "tablet",
        _ => "other", // the API knows no applications
    };

    /// <summary>Makes a slot of all accesses with its selector: a repeated request may have made several.</summary>
    /// <exception cref="FormatException">An access does not match the description of the API.</exception>
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
            Device = new DeviceDescription(
                KindOf(first.Device!.Type), User: null, first.UserAccess?.Id.ToString(CultureInfo.InvariantCulture)),
            Alarm = accesses.Min(static access => AlarmOf(access.Status)),
            LastUsedAt = accesses.Max(
                static access => access.LastConnection is { } time ? Time(time) : (DateTimeOffset?)null),
            IsRetained = label.IsRetained,
        };
    }

    private static ImmutableArray<MailProtocol> MailProtocols(string? protocols) => protocols switch
    {
        "imap" => [MailProtocol.IMAP, MailProtocol.SMTP],
        "pop3" => [MailProtocol.POP3, MailProtocol.SMTP],
        "pop3-imap" => [MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP],
        _ => throw new FormatException("an access has unknown protocols"),
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
            : throw new FormatException("an access has an invalid time");
}

internal sealed record ApiUser
{
    public required long Id { get; init; }
}

internal sealed record ApiMailbox
{
    /// <summary>The whole address.</summary>
    public required string Mailbox { get; init; }

    /// <summary>The address with an internationalized domain in Unicode.</summary>
    public string? MailboxIdn { get; init; }
}
