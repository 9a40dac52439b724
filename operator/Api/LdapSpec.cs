namespace MailOperator.Api;

/// <summary>A directory with the schema of our schema file.</summary>
internal sealed class LdapSpec
{
    /// <summary><c>ldap://HOST</c> or <c>ldaps://HOST</c>, maybe with a port.</summary>
    public string Url { get; set; } = "";

    /// <summary>Base DN of the entries; the operator owns only what is below it.</summary>
    public string BaseDN { get; set; } = "";

    /// <summary>In the operator's own namespace.</summary>
    public ObjectReference BindSecret { get; set; } = new();

    /// <summary>
    /// DN of the ppolicy policy by which the server refuses a password after its end; without it, it does not.
    /// </summary>
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
