namespace MailOperator.Api;

/// <summary>A directory with the schema that a file of ours makes.</summary>
internal sealed class LdapSpec
{
    /// <summary><c>ldap://HOST</c> or <c>ldaps://HOST</c>, maybe with a port.</summary>
    public string Url { get; set; } = "";

    /// <summary>Below it are the entries, and nothing else is the operator's.</summary>
    public string BaseDN { get; set; } = "";

    /// <summary>In the operator's own namespace.</summary>
    public ObjectReference BindSecret { get; set; } = new();

    /// <summary>DN of the policy by which the overlay ppolicy refuses a password from its end on; without it the server knows no ends.</summary>
    public string? PasswordPolicy { get; set; }

    public LdapTls? Tls { get; set; }

    /// <summary>Certificates in PEM.</summary>
    public byte[]? CaBundle { get; set; }

    public int? MaxConnections { get; set; }
}

internal enum LdapTls
{
    /// <summary>Encrypted, by StartTLS for <c>ldap://</c>, and certificate and name of the server verified.</summary>
    VerifyFull,

    /// <summary>Encrypted, and nothing verified.</summary>
    Required,

    Disabled,
}
