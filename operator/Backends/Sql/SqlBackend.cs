using System.Data;
using System.Data.Common;
using System.Globalization;

namespace MailOperator.Backends.Sql;

/// <summary>
/// Credentials in one table of PostgreSQL, MySQL or MariaDB, a row for each slot. Every change of a device is one
/// transaction, so readers see all of it or nothing.
/// </summary>
internal sealed class SqlBackend(SqlConnections connections, SqlEngine engine) : IMailBackend, IAsyncDisposable
{
    /// <summary>The version of the schema that these statements are written for.</summary>
    public const int SchemaVersion = 1;

    private const string Owned = " WHERE instance = @instance AND device_uid = @device_uid";

    // The mail server's query enforces all of it, including the expiry.
    public BackendCapabilities DeclaredCapabilities =>
        BackendCapabilities.Overlap | BackendCapabilities.Protocols | BackendCapabilities.SendRight
        | BackendCapabilities.Networks | BackendCapabilities.Expiry | BackendCapabilities.List
        | BackendCapabilities.ChosenPassword;

    public IPasswordIssuer? Issuer => null;

    public IDeviceUses? Uses => null;

    // A mail server queries at each login.
    public TimeSpan PropagationDelay => TimeSpan.Zero;

    public Task<IReadOnlyList<Slot>> ListAsync(SlotOwner owner, CancellationToken cancellationToken) =>
        connections.UseAsync(
            async (connection, token) =>
            {
                await using DbCommand select = Command(connection, SlotRow.Select + Owned);
                Bind(select, owner);
                return await ReadAsync(select, token);
            },
            cancellationToken);

    public async Task<IReadOnlyList<Slot>> ListAllAsync(string instance, CancellationToken cancellationToken)
    {
        // The only call that is made every minute in any case: it notices new credentials and a new schema.
        await connections.RefreshAsync(cancellationToken);
        return await connections.UseAsync(
            async (connection, token) =>
            {
                await ThrowIfOfAnotherSchemaAsync(connection, token);
                await using DbCommand select = Command(connection, SlotRow.Select + " WHERE instance = @instance");
                select.Bind("instance", instance);
                return await ReadAsync(select, token);
            },
            cancellationToken);
    }

    // Statements that name no row need all rights of those that do, and a database that takes changes.
    public Task CheckWritableAsync(CancellationToken cancellationToken) => ChangeAsync(
        static async (connection, transaction, token) =>
        {
            foreach (string text in (string[])
                [
                    "INSERT INTO mail_app_passwords SELECT * FROM mail_app_passwords WHERE 1 = 0",
                    "DELETE FROM mail_app_passwords WHERE 1 = 0",
                ])
            {
                await using DbCommand command = Command(connection, text, transaction);
                await command.ExecuteNonQueryAsync(token);
            }
        },
        cancellationToken);

    public Task ApplyAsync(SlotChange change, CancellationToken cancellationToken) =>
        change.Put.IsEmpty && change.Remove.IsEmpty ? Task.CompletedTask : ChangeAsync(
            async (connection, transaction, token) =>
            {
                foreach (string selector in change.Remove)
                {
                    await DeleteAsync(connection, transaction, change.Owner, selector, token);
                }

                foreach (Slot slot in change.Put)
                {
                    await PutAsync(connection, transaction, slot, token);
                }
            },
            cancellationToken);

    public Task RemoveAsync(SlotOwner owner, CancellationToken cancellationToken) => ChangeAsync(
        async (connection, transaction, token) =>
        {
            await using DbCommand delete = Command(connection, "DELETE FROM mail_app_passwords" + Owned, transaction);
            Bind(delete, owner);
            await delete.ExecuteNonQueryAsync(token);
        },
        cancellationToken);

    public ValueTask DisposeAsync() => connections.DisposeAsync();

    private Task<bool> ChangeAsync(
        Func<DbConnection, DbTransaction, CancellationToken, Task> change, CancellationToken cancellationToken) =>
        connections.UseAsync(
            async (connection, token) =>
            {
                await using DbTransaction transaction =
                    await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, token);
                await change(connection, transaction, token);
                await transaction.CommitAsync(token);
                return true;
            },
            cancellationToken);

    /// <summary>
    /// Deletes and inserts again, which every engine supports. A key that is taken after the delete belongs to another
    /// owner.
    /// </summary>
    private async Task PutAsync(
        DbConnection connection, DbTransaction transaction, Slot slot, CancellationToken cancellationToken)
    {
        int? place = slot.IsChosen ? await PlaceOfChosenAsync(connection, transaction, slot, cancellationToken) : null;
        await DeleteAsync(connection, transaction, slot.Owner, slot.Selector, cancellationToken);
        await using DbCommand insert = Command(connection, SlotRow.Insert, transaction);
        SlotRow.Bind(insert, slot, place);
        try
        {
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (DbException e) when (engine.IsDuplicate(e))
        {
            throw new MailBackendException(
                BackendFailure.Unavailable,
                $"The selector {slot.Selector} of {slot.Mailbox} is taken in the table; the next try uses another.");
        }
    }

    /// <summary>
    /// The slot's present place or the first free one. The mail server looks up chosen passwords by it.
    /// </summary>
    private static async Task<int> PlaceOfChosenAsync(
        DbConnection connection, DbTransaction transaction, Slot slot, CancellationToken cancellationToken)
    {
        await using DbCommand select = Command(
            connection,
            "SELECT selector, chosen FROM mail_app_passwords WHERE mailbox = @mailbox AND chosen IS "
            + "NOT NULL FOR UPDATE",
            transaction);
        select.Bind("mailbox", slot.Mailbox);
        var taken = new Dictionary<int, string>();
        await using (DbDataReader rows = await select.ExecuteReaderAsync(cancellationToken))
        {
            while (await rows.ReadAsync(cancellationToken))
            {
                taken[Convert.ToInt32(rows.GetValue(1), CultureInfo.InvariantCulture)] = rows.GetString(0);
            }
        }

        int[] places = [.. Enumerable.Range(1, ChosenPasswords.MaxPerMailbox)
            .Where(place => !taken.TryGetValue(place, out string? selector) || selector == slot.Selector)
            .OrderBy(place => taken.ContainsKey(place) ? 0 : 1).ThenBy(static place => place)];
        return places.Length > 0 ? places[0] : throw ChosenPasswords.NoPlace(slot.Mailbox);
    }

    private static async Task DeleteAsync(
        DbConnection connection,
        DbTransaction transaction,
        SlotOwner owner,
        string selector,
        CancellationToken cancellationToken)
    {
        await using DbCommand delete = Command(
            connection, "DELETE FROM mail_app_passwords" + Owned + " AND selector = @selector", transaction);
        Bind(delete, owner);
        delete.Bind("selector", selector);
        await delete.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task ThrowIfOfAnotherSchemaAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        await using DbCommand select = Command(connection, "SELECT MAX(version) FROM mail_app_passwords_schema");
        object? version = await select.ExecuteScalarAsync(cancellationToken);
        if (version is null or DBNull || Convert.ToInt32(version, CultureInfo.InvariantCulture) != SchemaVersion)
        {
            throw new MailBackendException(
                BackendFailure.Rejected,
                $"The database has version {version ?? "none"} of the schema and this operator needs version "
                + $"{SchemaVersion}; "
                + "apply the schema file of this version.");
        }
    }

    private static async Task<IReadOnlyList<Slot>> ReadAsync(DbCommand select, CancellationToken cancellationToken)
    {
        var slots = new List<Slot>();
        await using DbDataReader rows = await select.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            slots.Add(SlotRow.Read(rows));
        }

        return slots;
    }

    private static DbCommand Command(DbConnection connection, string text, DbTransaction? transaction = null)
    {
        DbCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // each text is a constant of this file or of SlotRow; values are parameters
        command.CommandText = text;
#pragma warning restore CA2100
        command.Transaction = transaction;
        return command;
    }

    private static void Bind(DbCommand command, SlotOwner owner)
    {
        command.Bind("instance", owner.Instance);
        command.Bind("device_uid", owner.DeviceUid);
    }
}
