using System.Collections.Immutable;
using System.Globalization;
using MailOperator.Api;

namespace MailOperator.Backends.PasswdFile;

/// <summary>
/// One slot as lines of a Dovecot passwd-file, one per service, keyed <c>service/mailbox/selector</c>:
/// <code>imap/demo@example.com/k7f3q2:{BLF-CRYPT}$2y$10$…::::::device=shop/grafana mailoperator_owner=… …</code>
/// Dovecot looks up <c>%s/%Lu/%6w</c>, so it finds at most one hash for a login. It returns the extra fields with the
/// answer and interprets only <c>allow_nets</c>. A suspended or ended slot is kept as comments. SMTP lines of a slot
/// without the right to send are commented out too; a marker says why. A chosen password's lines are keyed by a
/// <see cref="ChosenName"/> instead of the selector, which is then a field.
/// </summary>
internal static class PasswdFileLine
{
    private const string Comment = "#mail-operator ";
    private const string Disabled = "disabled ";
    private const string SendingDenied = "sending-denied ";
    private const string Scheme = "{BLF-CRYPT}";
    private const string OwnerField = "mailoperator_owner";
    private const string IssuedField = "mailoperator_issued";
    private const string RetainedField = "mailoperator_retained";
    private const string SelectorField = "mailoperator_selector";
    private const string EndedField = "mailoperator_ended";
    private const string EndsSessionsMark = ",sessions";
    private const string DeviceField = "device";
    private const string NetworksField = "allow_nets";

    // The fields uid, gid, gecos, home and shell are empty; the extra fields follow.
    private const string NoAccountFields = "::::::";

    /// <summary>
    /// Service names for each protocol: "submission" is Dovecot's own, "smtp" is what Postfix asks for.
    /// </summary>
    private static readonly ImmutableArray<(string Service, MailProtocol Protocol)> Services =
    [
        ("imap", MailProtocol.IMAP),
        ("pop3", MailProtocol.POP3),
        ("smtp", MailProtocol.SMTP),
        ("submission", MailProtocol.SMTP),
    ];

    /// <summary>The lines of a slot, in a fixed order.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="name">The lookup name: its selector or a <see cref="ChosenName"/>.</param>
    public static IEnumerable<string> Write(Slot slot, string name)
    {
        string fields = $"{DeviceField}={slot.Restrictions.DeviceName} {OwnerField}={slot.Owner}"
            + $" {IssuedField}={slot.IssuedAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}";
        if (slot.IsChosen)
        {
            fields += $" {SelectorField}={slot.Selector}";
        }

        if (slot.Restrictions.AllowedNetworks is { Length: > 0 } networks)
        {
            fields += $" {NetworksField}={string.Join(',', networks)}";
        }

        if (slot.IsRetained)
        {
            fields += $" {RetainedField}=yes";
        }

        if (slot.End is { } end)
        {
            string at = end.At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            fields += $" {EndedField}={at}{(end.EndsSessions ? EndsSessionsMark : "")}";
        }

        return Services
            .Where(service => slot.Restrictions.Protocols.Contains(service.Protocol))
            .Select(service => $"{Prefix(slot, service.Protocol)}{service.Service}/{slot.Mailbox}/{name}:"
                + $"{Scheme}{slot.Hash}{NoAccountFields}{fields}");
    }

    /// <summary>
    /// Reads a line that <see cref="Write"/> wrote, as a slot with one protocol. Null for any other line.
    /// </summary>
    public static Slot? Parse(string line)
    {
        // Somebody's editor may have given the file Windows' line ends.
        string text = WithoutPrefix(line.TrimEnd('\r'), out bool isSuspended, out bool maySend);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        int fieldsAt = text.IndexOf(NoAccountFields, StringComparison.Ordinal);
        if (text.StartsWith('#')
            || colon < 0
            || fieldsAt < colon
            || !text.AsSpan(colon + 1).StartsWith(Scheme, StringComparison.Ordinal))
        {
            return null;
        }

        string[] key = text[..colon].Split('/');
        Dictionary<string, string> fields = ParseFields(text[(fieldsAt + NoAccountFields.Length)..]);
        if (key.Length != 3
            || ProtocolOf(key[0]) is not { } protocol
            || !fields.TryGetValue(OwnerField, out string? ownerText)
            || SlotOwner.Parse(ownerText) is not { } owner)
        {
            return null;
        }

        return new Slot
        {
            Owner = owner,
            Mailbox = key[1],
            Selector = fields.GetValueOrDefault(SelectorField, key[2]),
            IsChosen = fields.ContainsKey(SelectorField),
            Hash = text[(colon + 1 + Scheme.Length)..fieldsAt],
            IssuedAt = TimeOf(fields.GetValueOrDefault(IssuedField)),
            IsRetained = fields.ContainsKey(RetainedField),
            End = isSuspended && fields.TryGetValue(EndedField, out string? ended) ? EndOf(ended) : null,
            Restrictions = new SlotRestrictions
            {
                DeviceName = fields.GetValueOrDefault(DeviceField, ""),
                Protocols = [protocol],
                AllowedNetworks = fields.TryGetValue(NetworksField, out string? networks)
                    ? [.. networks.Split(',')]
                    : [],
                MaySend = maySend,
                IsSuspended = isSuspended,
            },
        };
    }

    /// <summary>
    /// The key that Dovecot looks up, which must be unique in the file. Null for a comment or an empty line.
    /// </summary>
    public static string? KeyOf(string line)
    {
        string text = WithoutPrefix(line, out _, out _);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && !text.StartsWith('#') ? text[..colon] : null;
    }

    /// <summary>The part of the key after service and mailbox.</summary>
    public static string NameOf(string line) => KeyOf(line) is { } key ? key[(key.LastIndexOf('/') + 1)..] : "";

    private static string Prefix(Slot slot, MailProtocol protocol)
    {
        string suspended = slot.Restrictions.IsSuspended || slot.End is not null ? Disabled : "";
        string denied = protocol == MailProtocol.SMTP && !slot.Restrictions.MaySend ? SendingDenied : "";
        return suspended.Length + denied.Length > 0 ? Comment + suspended + denied : "";
    }

    private static string WithoutPrefix(string line, out bool isSuspended, out bool maySend)
    {
        string text = line;
        bool isComment = TryTake(ref text, Comment);
        isSuspended = isComment && TryTake(ref text, Disabled);
        maySend = !(isComment && TryTake(ref text, SendingDenied));
        return isSuspended || !maySend ? text : line;
    }

    private static bool TryTake(ref string text, string start)
    {
        bool isThere = text.StartsWith(start, StringComparison.Ordinal);
        text = isThere ? text[start.Length..] : text;
        return isThere;
    }

    private static MailProtocol? ProtocolOf(string service)
    {
        foreach ((string name, MailProtocol protocol) in Services)
        {
            if (name == service)
            {
                return protocol;
            }
        }

        return null;
    }

    private static Dictionary<string, string> ParseFields(string text)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string field in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                fields[field[..equals]] = field[(equals + 1)..];
            }
        }

        return fields;
    }

    private static SlotEnd EndOf(string text) => text.EndsWith(EndsSessionsMark, StringComparison.Ordinal)
        ? new SlotEnd(TimeOf(text[..^EndsSessionsMark.Length]), EndsSessions: true)
        : new SlotEnd(TimeOf(text), EndsSessions: false);

    // A line without its date counts as old: the grace period for new slots does not protect it.
    private static DateTimeOffset TimeOf(string? seconds) =>
        long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value < 253402300800
            ? DateTimeOffset.FromUnixTimeSeconds(value)
            : DateTimeOffset.UnixEpoch;
}
