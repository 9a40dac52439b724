using System.Text.Json.Serialization;
using MailOperator.Kubernetes;

namespace MailOperator.Api;

/// <summary>A directory with the schema of this project.</summary>
internal sealed class LdapSpec
{
    /// <summary><c>ldap://HOST</c> or <c>ldaps://HOST</c>, optionally with a port.</summary>
    public string Url { get; set; } = "";

    /// <summary>The entries of the operator are below it; nothing else is changed.</summary>
    public string BaseDN { get; set; } = "";

    /// <summary>In the operator's own namespace.</summary>
    public ObjectReference BindSecret { get; set; } = new();

    /// <summary>
    /// DN of the policy with which the overlay ppolicy refuses expired passwords; null if the server does not enforce
    /// expiry.
    /// </summary>
    public string? PasswordPolicy { get; set; }

    public LdapTls? Tls { get; set; }

    /// <summary>Certificates in PEM.</summary>
    public byte[]? CaBundle { get; set; }

    public int? MaxConnections { get; set; }
}

[JsonConverter(typeof(EnumNames<LdapTls>))]
internal enum LdapTls
{
    /// <summary>
    /// Encrypted, by StartTLS for <c>ldap://</c>; the certificate and the name of the server are verified.
    /// </summary>
    VerifyFull,

    /// <summary>Encrypted; nothing is verified.</summary>
    Required,

    Disabled,
}
