namespace MailOperator.Backends.Ldap.Protocol;

/// <summary>An entry as a search found it. The names of attributes compare without case, as LDAP's do.</summary>
/// <param name="Dn">Where it is.</param>
/// <param name="Attributes">Values by attribute.</param>
internal sealed record LdapEntry(string Dn, IReadOnlyDictionary<string, IReadOnlyList<string>> Attributes)
{
    public IReadOnlyList<string> Values(string attribute) => Attributes.TryGetValue(attribute, out IReadOnlyList<string>? values) ? values : [];

    /// <summary>The only value, or null.</summary>
    public string? Value(string attribute) => Values(attribute) is [string value] ? value : null;

    /// <summary>A record would print the values, and among them hashes.</summary>
    public override string ToString() => Dn;
}
