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
