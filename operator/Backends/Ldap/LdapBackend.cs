using MailOperator.Api;
using MailOperator.Backends.Ldap.Protocol;

namespace MailOperator.Backends.Ldap;

/// <summary>
/// Credentials in OpenLDAP, an entry for each slot under an entry for its mailbox. LDAP changes one entry at a time: a
/// change that is refused leaves nothing behind, and one that is cut off has at most added, and is made whole by the next.
/// </summary>
/// <remarks>
/// Not by transactions (RFC 5805): Debian's OpenLDAP 2.5.13 ends with a segmentation fault when several are under way.
/// </remarks>
internal sealed class LdapBackend(LdapSpec spec, CredentialedClient<LdapCredentials, LdapConnections> connections) : IMailBackend, IAsyncDisposable
{
    /// <summary>An entry of a mailbox goes with its last slot, maybe while another device gets its first.</summary>
    private const int Tries = 3;

    private readonly LdapAddress _address = LdapAddress.Parse(spec.Url)!;

    // The search of the mail server enforces most of it. Only the overlay ppolicy knows the time, and nobody is asked to have it.
    public BackendCapabilities Capabilities =>
        BackendCapabilities.Hash | BackendCapabilities.Overlap | BackendCapabilities.Protocols | BackendCapabilities.SendRight
        | BackendCapabilities.Networks | BackendCapabilities.List | BackendCapabilities.ChosenPassword
        | (spec.PasswordPolicy is null ? BackendCapabilities.None : BackendCapabilities.Expiry);

    // A mail server asks at each login.
    public TimeSpan SettleTime => TimeSpan.Zero;

    public Task<IReadOnlyList<Slot>> ListAsync(SlotOwner owner, CancellationToken cancellationToken) =>
        UseAsync(async (connection, token) => Slots(await OwnedAsync(connection, owner, token)), cancellationToken);

    public async Task<IReadOnlyList<Slot>> ListAllAsync(string instance, CancellationToken cancellationToken)
    {
        // The one call that comes once a minute whatever happens: the place to notice new credentials and a new schema.
        await connections.RefreshAsync(cancellationToken);
        return await UseAsync(
            async (connection, token) =>
            {
                await DirectoryCheck.ThrowIfUnfitAsync(connection, spec, token);
                IReadOnlyList<LdapEntry> found = await FindAsync(connection, [(SlotEntry.Instance, instance)], token);
                if (found.Count == 0)
                {
                    await DirectoryCheck.ThrowIfHiddenAsync(connection, spec, token);
                }

                return Slots(found);
            },
            cancellationToken);
    }

    public Task ApplyAsync(SlotChange change, CancellationToken cancellationToken) =>
        change.Put.IsEmpty && change.Remove.IsEmpty ? Task.CompletedTask : UseAsync(
            async (connection, token) =>
            {
                IReadOnlyList<LdapEntry> owned = await OwnedAsync(connection, change.Owner, token);
                var changes = new EntryChanges(spec, change, owned, await ChosenAsync(connection, change, token));
                await PutAsync(connection, changes, token);
                await RemoveAsync(connection, changes.Removed, token);
                return true;
            },
            cancellationToken,
            [.. change.Put.Select(static slot => slot.Hash)]);

    public Task RemoveAsync(SlotOwner owner, CancellationToken cancellationToken) => UseAsync(
        async (connection, token) =>
        {
            await RemoveAsync(connection, await OwnedAsync(connection, owner, token), token);
            return true;
        },
        cancellationToken);

    public ValueTask DisposeAsync() => connections.DisposeAsync();

    private Task<IReadOnlyList<LdapEntry>> OwnedAsync(LdapConnection connection, SlotOwner owner, CancellationToken cancellationToken) =>
        FindAsync(connection, [(SlotEntry.Instance, owner.Instance), (SlotEntry.DeviceUid, owner.DeviceUid)], cancellationToken);

    /// <summary>Which chosen passwords the mailboxes have that get another, whoever owns them.</summary>
    private async Task<IReadOnlyList<LdapEntry>> ChosenAsync(LdapConnection connection, SlotChange change, CancellationToken cancellationToken)
    {
        var chosen = new List<LdapEntry>();
        foreach (string mailbox in EntryChanges.ChosenMailboxes(change))
        {
            chosen.AddRange(await FindAsync(connection, [(SlotEntry.Mailbox, mailbox), (SlotEntry.Place, null)], cancellationToken));
        }

        return chosen;
    }

    private Task<IReadOnlyList<LdapEntry>> FindAsync(LdapConnection connection, IReadOnlyList<(string, string?)> filter, CancellationToken cancellationToken) =>
        connection.SearchAsync(
            new SearchOperation(spec.BaseDN, LdapScope.Subtree, [(SlotEntry.ObjectClass, SlotEntry.SlotClass), .. filter], SlotEntry.Everything), cancellationToken);

    /// <summary>Adds and changes all of the slots, or none: what a refusal leaves is undone.</summary>
    private async Task PutAsync(LdapConnection connection, EntryChanges changes, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            var done = new Stack<EntryChange>();
            try
            {
                foreach (string mailbox in changes.AccountsToAdd)
                {
                    await TryAsync(connection, EntryChanges.Account(spec, mailbox), LdapCode.EntryAlreadyExists, cancellationToken);
                }

                foreach (EntryChange change in changes.Puts)
                {
                    await connection.RunAsync(change.Put, cancellationToken);
                    done.Push(change);
                }

                return;
            }
            catch (LdapException e)
            {
                await UndoAsync(connection, done, cancellationToken);
                if (e.Code == LdapCode.EntryAlreadyExists)
                {
                    throw new MailBackendException(
                        BackendFailure.Unavailable, $"{changes.Puts[done.Count].Dn} is taken in the directory; the next try takes another.");
                }

                if (e.Code != LdapCode.NoSuchObject || attempt == Tries)
                {
                    throw;
                }
            }
        }
    }

    private static async Task UndoAsync(LdapConnection connection, IEnumerable<EntryChange> done, CancellationToken cancellationToken)
    {
        foreach (EntryChange change in done)
        {
            try
            {
                await connection.RunAsync(change.Undo, cancellationToken);
            }
            catch (LdapException)
            {
                // It says less than the refusal before it, and the next pass makes whole what is left.
            }
        }
    }

    private async Task RemoveAsync(LdapConnection connection, IReadOnlyList<LdapEntry> entries, CancellationToken cancellationToken)
    {
        foreach (LdapEntry entry in entries)
        {
            await TryAsync(connection, new DeleteOperation(entry.Dn), LdapCode.NoSuchObject, cancellationToken);
        }

        // An entry of a mailbox without a password is of no use; a crash just here leaves one, which does no harm. What
        // somebody moved elsewhere has another parent, which is not the operator's.
        foreach (string mailbox in entries.Select(static entry => entry.Value(SlotEntry.Mailbox)).OfType<string>().Distinct())
        {
            await TryAsync(connection, new DeleteOperation(EntryChanges.Account(spec, mailbox).Dn), LdapCode.NotAllowedOnNonLeaf, cancellationToken);
        }
    }

    /// <summary>Does one thing where it is not done already.</summary>
    private static async Task TryAsync(LdapConnection connection, LdapOperation operation, LdapCode accepted, CancellationToken cancellationToken)
    {
        try
        {
            await connection.RunAsync(operation, cancellationToken);
        }
        catch (LdapException e) when (e.Code == accepted || (operation is DeleteOperation && e.Code == LdapCode.NoSuchObject))
        {
            // What is wanted is so.
        }
    }

    private IReadOnlyList<Slot> Slots(IReadOnlyList<LdapEntry> entries) => [.. entries.Select(entry => SlotEntry.Read(entry, spec.PasswordPolicy))];

    private async Task<T> UseAsync<T>(
        Func<LdapConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken, params IReadOnlyCollection<string> secrets)
    {
        try
        {
            return await connections.UseAsync((pool, token) => pool.UseAsync(work, token), cancellationToken);
        }
        catch (LdapException e)
        {
            throw LdapFailures.Of(e, _address, secrets);
        }
    }
}
