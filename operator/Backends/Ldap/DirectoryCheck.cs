using MailOperator.Api;
using MailOperator.Backends.Ldap.Protocol;

namespace MailOperator.Backends.Ldap;

/// <summary>Whether a directory has what the operator needs. Without the schema a search finds nothing and says nothing.</summary>
internal static class DirectoryCheck
{
    /// <summary>The object identifier of <c>mailOperatorSlot</c> in the schema of this version; another version has another.</summary>
    private const string SlotClassOid = "2.25.84562007424995260165405091737010268211.1.2.2";

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

    /// <summary>For when there seem to be no slots: whether entries below the base are not shown to the operator.</summary>
    /// <exception cref="MailBackendException">It is so, and they would count as not there.</exception>
    public static async Task ThrowIfHiddenAsync(LdapConnection connection, LdapSpec spec, CancellationToken cancellationToken)
    {
        for (int look = 0; look < 2; look++) // the first entry may have come between the two questions
        {
            if (await ShowsSomethingAsync(connection, spec, cancellationToken)
                || (await ReadAsync(connection, spec.BaseDN, ["hasSubordinates"], cancellationToken))?.Value("hasSubordinates") != "TRUE")
            {
                return;
            }
        }

        throw Unfit($"has entries below {spec.BaseDN} and shows the operator none of them; give the operator's entry the right to read them all.");
    }

    private static async Task<bool> ShowsSomethingAsync(LdapConnection connection, LdapSpec spec, CancellationToken cancellationToken)
    {
        try
        {
            var one = new SearchOperation(spec.BaseDN, LdapScope.OneLevel, [("objectClass", null)], ["1.1"]) { SizeLimit = 1 };
            return (await connection.SearchAsync(one, cancellationToken)).Count > 0;
        }
        catch (LdapException e) when (e.Code == LdapCode.SizeLimitExceeded)
        {
            return true;
        }
    }

    private static async Task<LdapEntry?> ReadAsync(LdapConnection connection, string dn, IReadOnlyList<string> attributes, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<LdapEntry> found = await connection.SearchAsync(
                new SearchOperation(dn, LdapScope.Base, [("objectClass", null)], attributes), cancellationToken);
            return found is [var entry] ? entry : null;
        }
        catch (LdapException e) when (e.Code == LdapCode.NoSuchObject)
        {
            return null;
        }
    }

    private static MailBackendException Unfit(string what) => new(BackendFailure.Rejected, $"The directory {what}");
}
