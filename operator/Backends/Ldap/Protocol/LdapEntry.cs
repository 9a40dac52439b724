namespace MailOperator.Backends.Ldap.Protocol;

/// <summary>An entry that a search found. Attribute names are case-insensitive, as in LDAP.</summary>
/// <param name="Dn">Its distinguished name.</param>
/// <param name="Attributes">Values by attribute.</param>
internal sealed record LdapEntry(string Dn, IReadOnlyDictionary<string, IReadOnlyList<string>> Attributes)
{
    public IReadOnlyList<string> Values(string attribute) =>
        Attributes.TryGetValue(attribute, out IReadOnlyList<string>? values) ? values : [];

    /// <summary>The only value, or null.</summary>
    public string? Value(string attribute) => Values(attribute) is [string value] ? value : null;

    /// <summary>A record would print its values, which include hashes.</summary>
    public override string ToString() => Dn;
}
