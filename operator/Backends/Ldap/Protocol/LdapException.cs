namespace MailOperator.Backends.Ldap.Protocol;

/// <summary>The directory answered with an error.</summary>
/// <param name="code">The result code.</param>
/// <param name="dn">The entry of the request.</param>
/// <param name="message">The directory's diagnostic message; often empty.</param>
internal sealed class LdapException(LdapCode code, string dn, string message) : Exception(message)
{
    public LdapCode Code { get; } = code;

    public string Dn { get; } = dn;
}
