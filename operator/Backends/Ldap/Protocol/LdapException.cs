namespace MailOperator.Backends.Ldap.Protocol;

/// <summary>The directory answered, and did not do it.</summary>
/// <param name="code">Why.</param>
/// <param name="dn">The entry that it was about.</param>
/// <param name="message">What the directory says of it; often nothing.</param>
internal sealed class LdapException(LdapCode code, string dn, string message) : Exception(message)
{
    public LdapCode Code { get; } = code;

    public string Dn { get; } = dn;
}
