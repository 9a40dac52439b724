using MailOperator.Api;
using MailOperator.Backends.Ldap.Protocol;

namespace MailOperator.Backends.Ldap;

/// <summary>
/// Credentials in OpenLDAP, an entry for each slot under an entry for its mailbox. LDAP changes one entry at a time: a
/// change that is refused is undone, and one that is cut off is made whole by the next.
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
    public BackendCapabilities DeclaredCapabilities =>
        BackendCapabilities.Overlap | BackendCapabilities.Protocols | BackendCapabilities.SendRight
        | BackendCapabilities.Networks | BackendCapabilities.List | BackendCapabilities.ChosenPassword
        | (spec.PasswordPolicy is null ? BackendCapabilities.None : BackendCapabilities.Expiry);

    public IPasswordIssuer? Issuer => null;

    public IDeviceUses? Uses => null;

    // A mail server asks at each login.
    public TimeSpan PropagationDelay => TimeSpan.Zero;

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
                return Slots(await FindAsync(connection, [(SlotEntry.Instance, instance)], token));
            },
            cancellationToken);
    }

    public Task ApplyAsync(SlotChange change, CancellationToken cancellationToken) =>
        change.Put.IsEmpty && change.Remove.IsEmpty ? Task.CompletedTask : UseAsync(
            async (connection, token) =>
            {
                for (int attempt = 1; ; attempt++)
                {
                    try
                    {
                        IReadOnlyList<LdapEntry> owned = await OwnedAsync(connection, change.Owner, token);
                        var changes = new EntryChanges(spec, change, owned, await ChosenAsync(connection, change, token));
                        await DoAsync(connection, changes.InOrder, token);
                        await TidyAsync(connection, changes.Removed, token);
                        return true;
                    }
                    catch (LdapException e) when (e.Code == LdapCode.NoSuchObject && attempt < Tries)
                    {
                        // Somebody else took away meanwhile what it goes by.
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
                    refusal ??= e; // it keeps no other password alive
                }
            }

            await TidyAsync(connection, owned, token);
            return refusal is null ? true : throw refusal;
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

    /// <summary>Entries of slots; none are found only if none are there, and not if the operator may not see them.</summary>
    private async Task<IReadOnlyList<LdapEntry>> FindAsync(
        LdapConnection connection, IReadOnlyList<(string, string?)> filter, CancellationToken cancellationToken)
    {
        IReadOnlyList<LdapEntry> found = await connection.SearchAsync(
            new SearchOperation(spec.BaseDN, LdapScope.Subtree, [(SlotEntry.ObjectClass, SlotEntry.SlotClass), .. filter], SlotEntry.Everything), cancellationToken);
        if (found.Count == 0)
        {
            await DirectoryCheck.ThrowIfHiddenAsync(connection, spec, cancellationToken);
        }

        return found;
    }

    /// <summary>Does all of it or none: what a refusal leaves is undone.</summary>
    private static async Task DoAsync(LdapConnection connection, IEnumerable<EntryChange> changes, CancellationToken cancellationToken)
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
                // What cannot be undone says less than the refusal before it, and the next pass makes it whole.
                await TryAsync(connection, change.Undo, cancellationToken);
            }

            throw;
        }
    }

    /// <summary>False if it was so before.</summary>
    private static async Task<bool> DoAsync(LdapConnection connection, EntryChange change, CancellationToken cancellationToken)
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
    /// Takes away entries of mailboxes that have no password left. One that stays, because of others or of a crash, does no
    /// harm. What somebody moved elsewhere has another parent, which is not the operator's.
    /// </summary>
    private async Task TidyAsync(LdapConnection connection, IReadOnlyList<LdapEntry> removed, CancellationToken cancellationToken)
    {
        foreach (string mailbox in removed.Select(static entry => entry.Value(SlotEntry.Mailbox)).OfType<string>().Distinct())
        {
            await TryAsync(connection, EntryChange.Account(spec, mailbox).Undo, cancellationToken);
        }
    }

    /// <summary>Does it if the directory lets it.</summary>
    private static async Task TryAsync(LdapConnection connection, LdapOperation operation, CancellationToken cancellationToken)
    {
        try
        {
            await connection.RunAsync(operation, cancellationToken);
        }
        catch (LdapException)
        {
            // It is of no consequence.
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
