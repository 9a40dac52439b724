using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using MailOperator.Api;

namespace MailOperator.Backends.Sql;

/// <summary>A slot as a row of <c>mail_app_passwords</c>. Times are in UTC and whole seconds.</summary>
internal static class SlotRow
{
    public const string Select = $"SELECT {Columns} FROM mail_app_passwords";

    public const string Insert =
        $"INSERT INTO mail_app_passwords ({Columns})"
        + " VALUES (@instance, @device_uid, @mailbox, @selector, @chosen, @hash, @device, @imap, @pop3, @smtp,"
        + " @sending, @suspended, @retained, @allowed_networks, @issued_at, @not_after, @ended_at, @ends_sessions)";

    private const string Columns =
        "instance, device_uid, mailbox, selector, chosen, hash, device, imap, pop3, smtp,"
        + " sending, suspended, retained, allowed_networks, issued_at, not_after, ended_at, ends_sessions";

    /// <param name="insert">A command with the text <see cref="Insert"/>.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="place">The number by which the mail server looks up a chosen password; null for a generated
    /// one.</param>
    public static void Bind(DbCommand insert, Slot slot, int? place)
    {
        SlotRestrictions restrictions = slot.Restrictions;
        insert.Bind("instance", slot.Owner.Instance);
        insert.Bind("device_uid", slot.Owner.DeviceUid);
        insert.Bind("mailbox", slot.Mailbox);
        insert.Bind("selector", slot.Selector);
        insert.Bind("chosen", place is { } number ? (short)number : null);
        insert.Bind("hash", slot.Hash);
        insert.Bind("device", restrictions.DeviceName);
        insert.Bind("imap", restrictions.Protocols.Contains(MailProtocol.IMAP));
        insert.Bind("pop3", restrictions.Protocols.Contains(MailProtocol.POP3));
        insert.Bind("smtp", restrictions.Protocols.Contains(MailProtocol.SMTP));
        insert.Bind("sending", restrictions.MaySend);
        insert.Bind("suspended", restrictions.IsSuspended);
        insert.Bind("retained", slot.IsRetained);
        insert.Bind(
            "allowed_networks",
            restrictions.AllowedNetworks.IsEmpty ? null : string.Join(',', restrictions.AllowedNetworks));
        insert.Bind("issued_at", slot.IssuedAt.UtcDateTime);
        insert.Bind("not_after", slot.NotAfter?.UtcDateTime);
        insert.Bind("ended_at", slot.End?.At.UtcDateTime);
        insert.Bind("ends_sessions", slot.End?.EndsSessions ?? false);
    }

    /// <summary>Reads the current row of a query that begins with <see cref="Select"/>.</summary>
    public static Slot Read(DbDataReader row)
    {
        ImmutableArray<MailProtocol> protocols =
        [
            .. Flag(row, 7) ? [MailProtocol.IMAP] : Array.Empty<MailProtocol>(),
            .. Flag(row, 8) ? [MailProtocol.POP3] : Array.Empty<MailProtocol>(),
            .. Flag(row, 9) ? [MailProtocol.SMTP] : Array.Empty<MailProtocol>(),
        ];
        return new Slot
        {
            Owner = new SlotOwner(row.GetString(0), row.GetString(1)),
            Mailbox = row.GetString(2),
            Selector = row.GetString(3),
            IsChosen = !row.IsDBNull(4),
            Hash = row.GetString(5),
            IssuedAt = Moment(row, 14),
            NotAfter = row.IsDBNull(15) ? null : Moment(row, 15),
            IsRetained = Flag(row, 12),
            End = row.IsDBNull(16) ? null : new SlotEnd(Moment(row, 16), Flag(row, 17)),
            Restrictions = new SlotRestrictions
            {
                DeviceName = row.GetString(6),
                Protocols = protocols,
                MaySend = Flag(row, 10),
                IsSuspended = Flag(row, 11),
                AllowedNetworks = row.IsDBNull(13) ? [] : [.. row.GetString(13).Split(',')],
            },
        };
    }

    /// <summary>Adds a parameter; null is NULL.</summary>
    public static void Bind(this DbCommand command, string name, object? value)
    {
        DbParameter parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value ?? DBNull.Value;
        command.Parameters.Add(parameter);
    }

    private static bool Flag(DbDataReader row, int column) =>
        Convert.ToBoolean(row.GetValue(column), CultureInfo.InvariantCulture);

    private static DateTimeOffset Moment(DbDataReader row, int column) =>
        new(DateTime.SpecifyKind(row.GetDateTime(column), DateTimeKind.Utc));
}
