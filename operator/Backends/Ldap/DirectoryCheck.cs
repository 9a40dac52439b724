using MailOperator.Api;
using MailOperator.Backends.Ldap.Protocol;

namespace MailOperator.Backends.Ldap;

/// <summary>Whether a directory has what the operator needs. Without the schema a search finds nothing and says nothing.</summary>
internal static class DirectoryCheck
{
    /// <summary>The object identifier of <c>mailOperatorSlot</c> in the schema of this version; another version has another.</summary>
    private const string SlotClassOid = "2.25.84562007424995260165405091737010268211.1.2.2";

    private const string HasSubordinates = "hasSubordinates";

    /// <exception cref="MailBackendException">Something is missing.</exception>
    public static async Task ThrowIfUnfitAsync(LdapConnection connection, LdapSpec spec, CancellationToken cancellationToken)
    {
        LdapEntry root = await ReadAsync(connection, "", ["subschemaSubentry"], cancellationToken)
            ?? throw Unfit("does not say where its schema is; let the operator's entry read the root DSE.");
        LdapEntry? schema = await ReadAsync(connection, root.Value("subschemaSubentry") ?? "cn=Subschema", ["objectClasses"], cancellationToken);
        if (schema?.Values("objectClasses").Any(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Contains(SlotClassOid)) != true)
        {
            throw Unfit("does not have version 1 of the schema, which this operator needs; load the schema file of this version.");
        }

        if (spec.PasswordPolicy is { } policy
            && (await ReadAsync(connection, policy, ["objectClass"], cancellationToken))?.Values("objectClass").Contains("pwdPolicy", StringComparer.OrdinalIgnoreCase) != true)
        {
            throw Unfit($"has no policy {policy}, so that no password would end by itself; add it, or take spec.ldap.passwordPolicy away.");
        }
    }

    /// <summary>
    /// For when a search finds no slots: whether there are some that the operator may not see, which would count as revoked
    /// while their passwords work. It goes by what is true of all slots; rights that differ from one to another it cannot tell.
    /// </summary>
    /// <exception cref="MailBackendException">It is so, or cannot be ruled out.</exception>
    public static async Task ThrowIfHiddenAsync(LdapConnection connection, LdapSpec spec, CancellationToken cancellationToken)
    {
        string? parent = null;
        for (int look = 0; look < 2; look++) // others may have added or removed between two questions of the first
        {
            parent = await HiddenBelowAsync(connection, spec, cancellationToken);
            if (parent is null)
            {
                return;
            }
        }

        throw Unfit(
            $"has entries below {parent}, or does not say by {HasSubordinates} that it has none, and shows the operator none of them; "
            + "give the operator's entry the right to read them all.");
    }

    /// <summary>The name of an entry that shows none of those below it; null if there is none, by a look at one of them and not at all.</summary>
    private static async Task<string?> HiddenBelowAsync(LdapConnection connection, LdapSpec spec, CancellationToken cancellationToken)
    {
        string[] asked = [SlotEntry.Instance, SlotEntry.DeviceUid, HasSubordinates];
        if (await FirstAsync(connection, spec.BaseDN, LdapScope.Subtree, [(SlotEntry.ObjectClass, SlotEntry.SlotClass)], asked, cancellationToken) is { } slot)
        {
            SlotEntry.ThrowIfNotShown(slot, SlotEntry.Instance, SlotEntry.DeviceUid); // by which it searches
            return null;
        }

        LdapEntry? account = await FirstAsync(
            connection, spec.BaseDN, LdapScope.OneLevel, [(SlotEntry.ObjectClass, SlotEntry.AccountClass), (HasSubordinates, "TRUE")], asked, cancellationToken);
        LdapEntry? parent = account ?? await ReadAsync(connection, spec.BaseDN, asked, cancellationToken);
        string dn = parent?.Dn ?? spec.BaseDN;
        bool isEmpty = parent?.Value(HasSubordinates) == "FALSE";
        return isEmpty || await FirstAsync(connection, dn, LdapScope.OneLevel, [(SlotEntry.ObjectClass, null)], asked, cancellationToken) is not null ? null : dn;
    }

    private static Task<LdapEntry?> ReadAsync(LdapConnection connection, string dn, IReadOnlyList<string> attributes, CancellationToken cancellationToken) =>
        FirstAsync(connection, dn, LdapScope.Base, [(SlotEntry.ObjectClass, null)], attributes, cancellationToken);

    private static async Task<LdapEntry?> FirstAsync(
        LdapConnection connection, string dn, LdapScope scope, IReadOnlyList<(string, string?)> filter, IReadOnlyList<string> attributes, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<LdapEntry> found = await connection.SearchAsync(new SearchOperation(dn, scope, filter, attributes) { SizeLimit = 1 }, cancellationToken);
            return found is [var entry, ..] ? entry : null;
        }
        catch (LdapException e) when (e.Code == LdapCode.NoSuchObject)
        {
            return null;
        }
    }

    private static MailBackendException Unfit(string what) => new(BackendFailure.Rejected, $"The directory {what}");
}
