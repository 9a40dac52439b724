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
internal sealed class LdapBackend(LdapSpec spec, LdapConnections connections) : IMailBackend, IAsyncDisposable
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
                return Slots(await FindAsync(connection, [(SlotEntry.Instance, instance)], token));
            },
            cancellationToken);
    }

    public Task ApplyAsync(SlotChange change, CancellationToken cancellationToken) =>
        change.Put.IsEmpty && change.Remove.IsEmpty ? Task.CompletedTask : UseAsync(
            async (connection, token) =>
            {
                IReadOnlyList<LdapEntry> owned = await OwnedAsync(connection, change.Owner, token);
                var changes = new EntryChanges(spec, change, owned, await ChosenAsync(connection, change, token));
                await AddAsync(connection, changes, token);
                foreach (ReplaceOperation replacement in changes.Replacements)
                {
                    await connection.RunAsync(replacement, token);
                }

                await RemoveAsync(connection, changes.Removed, token);
                return true;
            },
            cancellationToken);

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

    /// <summary>Adds all of the new slots, or none: what a refusal leaves is taken away again.</summary>
    private async Task AddAsync(LdapConnection connection, EntryChanges changes, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            var added = new List<string>();
            try
            {
                foreach (string mailbox in changes.AccountsToAdd)
                {
                    await TryAsync(connection, EntryChanges.Account(spec, mailbox), LdapCode.EntryAlreadyExists, cancellationToken);
                }

                foreach (AddOperation addition in changes.Additions)
                {
                    await connection.RunAsync(addition, cancellationToken);
                    added.Add(addition.Dn);
                }

                return;
            }
            catch (LdapException e)
            {
                foreach (string dn in added)
                {
                    await connection.RunAsync(new DeleteOperation(dn), cancellationToken);
                }

                if (e.Code == LdapCode.EntryAlreadyExists)
                {
                    throw new MailBackendException(
                        BackendFailure.Unavailable, $"{changes.Additions[added.Count].Dn} is taken in the directory; the next try takes another.");
                }

                if (e.Code != LdapCode.NoSuchObject || attempt == Tries)
                {
                    throw;
                }
            }
        }
    }

    private static async Task RemoveAsync(LdapConnection connection, IReadOnlyList<LdapEntry> entries, CancellationToken cancellationToken)
    {
        foreach (LdapEntry entry in entries)
        {
            await TryAsync(connection, new DeleteOperation(entry.Dn), LdapCode.NoSuchObject, cancellationToken);
        }

        // An entry of a mailbox without a password is of no use; a crash just here leaves one, which does no harm.
        foreach (string account in entries.Select(static entry => DistinguishedName.Parent(entry.Dn)).OfType<string>().Distinct())
        {
            await TryAsync(connection, new DeleteOperation(account), LdapCode.NotAllowedOnNonLeaf, cancellationToken);
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

    private async Task<T> UseAsync<T>(Func<LdapConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await connections.UseAsync(work, cancellationToken);
        }
        catch (LdapException e)
        {
            throw LdapFailures.Of(e, _address);
        }
    }
}
