using MailOperator.Api;
using MailOperator.Backends.Ldap.Protocol;

namespace MailOperator.Backends.Ldap;

/// <summary>
/// Credentials in OpenLDAP, an entry for each slot under an entry for its mailbox. LDAP changes one entry at a time: a
/// refused change is undone, and an interrupted one is completed by the next.
/// </summary>
/// <remarks>
/// Without transactions (RFC 5805): Debian's OpenLDAP 2.5.13 crashes with a segmentation fault when several are open.
/// </remarks>
internal sealed class LdapBackend(LdapSpec spec, CredentialedClient<LdapCredentials, LdapConnections> connections)
    : IMailBackend, IAsyncDisposable
{
    /// <summary>
    /// A mailbox's entry is deleted with its last slot, possibly while another device adds its first.
    /// </summary>
    private const int MaxTries = 3;

    private readonly LdapAddress _address = LdapAddress.Parse(spec.Url)!;

    // The mail server's search filter enforces most of it. Expiry needs the overlay ppolicy, which is optional.
    public BackendCapabilities DeclaredCapabilities =>
        BackendCapabilities.Overlap | BackendCapabilities.Protocols | BackendCapabilities.SendRight
        | BackendCapabilities.Networks | BackendCapabilities.List | BackendCapabilities.ChosenPassword
        | (spec.PasswordPolicy is null ? BackendCapabilities.None : BackendCapabilities.Expiry);

    public IPasswordIssuer? Issuer => null;

    public IDeviceUses? Uses => null;

    // A mail server searches at each login.
    public TimeSpan PropagationDelay => TimeSpan.Zero;

    public Task<IReadOnlyList<Slot>> ListAsync(SlotOwner owner, CancellationToken cancellationToken) =>
        UseAsync(async (connection, token) => Slots(await OwnedAsync(connection, owner, token)), cancellationToken);

    public async Task<IReadOnlyList<Slot>> ListAllAsync(string instance, CancellationToken cancellationToken)
    {
        // The only call that is made every minute in any case: it notices new credentials and a new schema.
        await connections.RefreshAsync(cancellationToken);
        return await UseAsync(
            async (connection, token) =>
            {
                await DirectoryCheck.ThrowIfUnfitAsync(connection, spec, token);
                return Slots(await FindAsync(connection, [(SlotEntry.Instance, instance)], token));
            },
            cancellationToken);
    }

    // A read-only directory refuses every deletion before it looks for the entry.
    public Task CheckWritableAsync(CancellationToken cancellationToken) => UseAsync(
        async (connection, token) =>
        {
            try
            {
                await connection.RunAsync(
                    new DeleteOperation($"{SlotEntry.Mailbox}=write-check-{Guid.NewGuid():N},{spec.BaseDN}"), token);
            }
            catch (LdapException e) when (e.Code == LdapCode.NoSuchObject)
            {
                // As it should be: there is no such entry.
            }

            return true;
        },
        cancellationToken);

    public Task ApplyAsync(SlotChange change, CancellationToken cancellationToken) =>
        change.Put.IsEmpty && change.Remove.IsEmpty ? Task.CompletedTask : UseAsync(
            async (connection, token) =>
            {
                for (int attempt = 1; ; attempt++)
                {
                    try
                    {
                        IReadOnlyList<LdapEntry> owned = await OwnedAsync(connection, change.Owner, token);
                        var changes = new EntryChanges(
                            spec, change, owned, await ChosenAsync(connection, change, token));
                        await DoAsync(connection, changes.InOrder, token);
                        await TidyAsync(connection, changes.Removed, token);
                        return true;
                    }
                    catch (LdapException e) when (e.Code == LdapCode.NoSuchObject && attempt < MaxTries)
                    {
                        // Another process has deleted an entry that the change needs.
                    }
                }
            },
            cancellationToken,
            [.. change.Put.Select(static slot => slot.Hash)]);

    public Task RemoveAsync(SlotOwner owner, CancellationToken cancellationToken) => UseAsync(
        async (connection, token) =>
        {
            IReadOnlyList<LdapEntry> owned = await OwnedAsync(connection, owner, token);
            LdapException? refusal = null;
            foreach (EntryChange removal in owned.Select(EntryChange.Removal))
            {
                try
                {
                    await DoAsync(connection, removal, token);
                }
                catch (LdapException e)
                {
                    refusal ??= e; // the other passwords must end all the same
                }
            }

            await TidyAsync(connection, owned, token);
            return refusal is null ? true : throw refusal;
        },
        cancellationToken);

    public ValueTask DisposeAsync() => connections.DisposeAsync();

    private Task<IReadOnlyList<LdapEntry>> OwnedAsync(
        LdapConnection connection, SlotOwner owner, CancellationToken cancellationToken) =>
        FindAsync(
            connection, [(SlotEntry.Instance, owner.Instance), (SlotEntry.DeviceUid, owner.DeviceUid)],
            cancellationToken);

    /// <summary>The chosen passwords, of any owner, in the mailboxes that get another one.</summary>
    private async Task<IReadOnlyList<LdapEntry>> ChosenAsync(
        LdapConnection connection, SlotChange change, CancellationToken cancellationToken)
    {
        var chosen = new List<LdapEntry>();
        foreach (string mailbox in EntryChanges.ChosenMailboxes(change))
        {
            chosen.AddRange(await FindAsync(
                connection, [(SlotEntry.Mailbox, mailbox), (SlotEntry.Place, null)], cancellationToken));
        }

        return chosen;
    }

    /// <summary>
    /// Finds entries of slots. An empty result means that there are none, not that they are hidden from the operator.
    /// </summary>
    private async Task<IReadOnlyList<LdapEntry>> FindAsync(
        LdapConnection connection, IReadOnlyList<(string, string?)> filter, CancellationToken cancellationToken)
    {
        IReadOnlyList<LdapEntry> found = await connection.SearchAsync(
            new SearchOperation(
                spec.BaseDN, LdapScope.Subtree, [(SlotEntry.ObjectClass, SlotEntry.SlotClass), .. filter],
                SlotEntry.Everything),
            cancellationToken);
        if (found.Count == 0)
        {
            await DirectoryCheck.ThrowIfHiddenAsync(connection, spec, cancellationToken);
        }

        return found;
    }

    /// <summary>Does all operations or none: after a refusal it undoes those before.</summary>
    private static async Task DoAsync(
        LdapConnection connection, IEnumerable<EntryChange> changes, CancellationToken cancellationToken)
    {
        var done = new Stack<EntryChange>();
        try
        {
            foreach (EntryChange change in changes)
            {
                if (await DoAsync(connection, change, cancellationToken))
                {
                    done.Push(change);
                }
            }
        }
        catch (LdapException)
        {
            foreach (EntryChange change in done)
            {
                // A failed undo is less important than the refusal, and the next reconcile repairs it.
                await TryAsync(connection, change.Undo, cancellationToken);
            }

            throw;
        }
    }

    /// <summary>False if nothing had to be changed.</summary>
    private static async Task<bool> DoAsync(
        LdapConnection connection, EntryChange change, CancellationToken cancellationToken)
    {
        try
        {
            await connection.RunAsync(change.Do, cancellationToken);
            return true;
        }
        catch (LdapException e) when (e.Code == change.WasSo)
        {
            return false;
        }
    }

    /// <summary>
    /// Deletes entries of mailboxes that have no slots left. One that remains, because of other slots or a crash, does
    /// no harm. An entry that somebody moved has another parent, which is not the operator's to delete.
    /// </summary>
    private async Task TidyAsync(
        LdapConnection connection, IReadOnlyList<LdapEntry> removed, CancellationToken cancellationToken)
    {
        IEnumerable<string?> mailboxes = removed.Select(static entry => entry.Value(SlotEntry.Mailbox)).Distinct();
        foreach (string mailbox in mailboxes.OfType<string>())
        {
            await TryAsync(connection, EntryChange.Account(spec, mailbox).Undo, cancellationToken);
        }
    }

    /// <summary>Tries an operation and ignores a refusal.</summary>
    private static async Task TryAsync(
        LdapConnection connection, LdapOperation operation, CancellationToken cancellationToken)
    {
        try
        {
            await connection.RunAsync(operation, cancellationToken);
        }
        catch (LdapException)
        {
            // Best effort.
        }
    }

    private IReadOnlyList<Slot> Slots(IReadOnlyList<LdapEntry> entries) =>
        [.. entries.Select(entry => SlotEntry.Read(entry, spec.PasswordPolicy))];

    private async Task<T> UseAsync<T>(
        Func<LdapConnection, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken,
        params IReadOnlyCollection<string> secrets)
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
