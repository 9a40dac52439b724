using MailOperator.Api;
using MailOperator.Backends.Ldap.Protocol;

namespace MailOperator.Backends.Ldap;

/// <summary>
/// Checks that a directory has what the operator needs. Without the schema a search would find nothing and report no
/// error.
/// </summary>
internal static class DirectoryCheck
{
    /// <summary>
    /// The object identifier of <c>mailOperatorSlot</c> in this version of the schema; each version has its own.
    /// </summary>
    private const string SlotClassOid = "2.25.84562007424995260165405091737010268211.1.2.2";

    private const string HasSubordinates = "hasSubordinates";

    /// <exception cref="MailBackendException">Something is missing.</exception>
    public static async Task ThrowIfUnfitAsync(
        LdapConnection connection, LdapSpec spec, CancellationToken cancellationToken)
    {
        LdapEntry root = await ReadAsync(connection, "", ["subschemaSubentry"], cancellationToken)
            ?? throw Unfit("does not show where its schema is; let the operator's entry read the root DSE.");
        LdapEntry? schema = await ReadAsync(
            connection, root.Value("subschemaSubentry") ?? "cn=Subschema", ["objectClasses"], cancellationToken);
        if (schema?.Values("objectClasses").Any(HasSlotClass) != true)
        {
            throw Unfit(
                "does not have version 1 of the schema, which this operator needs; load the schema file "
                + "of this version.");
        }

        if (spec.PasswordPolicy is { } policy
            && !IsPolicy(await ReadAsync(connection, policy, ["objectClass"], cancellationToken)))
        {
            throw Unfit(
                $"has no policy {policy}, so no password would expire by itself; "
                + "add it, or remove spec.ldap.passwordPolicy.");
        }
    }

    private static bool HasSlotClass(string objectClass) =>
        objectClass.Split(' ', StringSplitOptions.RemoveEmptyEntries).Contains(SlotClassOid);

    private static bool IsPolicy(LdapEntry? entry) =>
        entry?.Values("objectClass").Contains("pwdPolicy", StringComparer.OrdinalIgnoreCase) ?? false;

    /// <summary>
    /// Used when a search finds no slots: checks that none are hidden from the operator, which would count as revoked
    /// although their passwords work. It cannot detect access rights that differ between slots.
    /// </summary>
    /// <exception cref="MailBackendException">Slots are hidden, or that cannot be ruled out.</exception>
    public static async Task ThrowIfHiddenAsync(
        LdapConnection connection, LdapSpec spec, CancellationToken cancellationToken)
    {
        string? parent = null;
        for (int look = 0; look < 2; look++) // others may have added or removed entries during the first look
        {
            parent = await HiddenBelowAsync(connection, spec, cancellationToken);
            if (parent is null)
            {
                return;
            }
        }

        throw Unfit(
            $"has entries below {parent}, or does not say by {HasSubordinates} that it has none, "
            + "but shows the operator none of them; "
            + "give the operator's entry the right to read them all.");
    }

    /// <summary>
    /// The DN of an entry that hides the entries below it; null if there is none. Checks one entry as a sample, not
    /// all.
    /// </summary>
    private static async Task<string?> HiddenBelowAsync(
        LdapConnection connection, LdapSpec spec, CancellationToken cancellationToken)
    {
        string[] asked = [SlotEntry.Instance, SlotEntry.DeviceUid, HasSubordinates];
        LdapEntry? slot = await FirstAsync(
            connection,
            new SearchOperation(spec.BaseDN, LdapScope.Subtree, [(SlotEntry.ObjectClass, SlotEntry.SlotClass)], asked),
            cancellationToken);
        if (slot is not null)
        {
            // The attributes that it searches by.
            SlotEntry.ThrowIfNotShown(slot, SlotEntry.Instance, SlotEntry.DeviceUid);
            return null;
        }

        LdapEntry? account = await FirstAsync(
            connection,
            new SearchOperation(
                spec.BaseDN,
                LdapScope.OneLevel,
                [(SlotEntry.ObjectClass, SlotEntry.AccountClass), (HasSubordinates, "TRUE")],
                asked),
            cancellationToken);
        LdapEntry? parent = account ?? await ReadAsync(connection, spec.BaseDN, asked, cancellationToken);
        string dn = parent?.Dn ?? spec.BaseDN;
        if (parent?.Value(HasSubordinates) == "FALSE")
        {
            return null;
        }

        LdapEntry? child = await FirstAsync(
            connection, new SearchOperation(dn, LdapScope.OneLevel, [(SlotEntry.ObjectClass, null)], asked),
            cancellationToken);
        return child is null ? dn : null;
    }

    private static Task<LdapEntry?> ReadAsync(
        LdapConnection connection, string dn, IReadOnlyList<string> attributes, CancellationToken cancellationToken) =>
        FirstAsync(
            connection, new SearchOperation(dn, LdapScope.Base, [(SlotEntry.ObjectClass, null)], attributes),
            cancellationToken);

    private static async Task<LdapEntry?> FirstAsync(
        LdapConnection connection, SearchOperation search, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<LdapEntry> found = await connection.SearchAsync(
                search with { SizeLimit = 1 }, cancellationToken);
            return found is [var entry, ..] ? entry : null;
        }
        catch (LdapException e) when (e.Code == LdapCode.NoSuchObject)
        {
            return null;
        }
    }

    private static MailBackendException Unfit(string what) => new(BackendFailure.Rejected, $"The directory {what}");
}
