using System.Text.Json.Serialization;
using MailOperator.Kubernetes;

namespace MailOperator.Api;

/// <summary>How the operator reaches the Dovecot servers themselves.</summary>
internal sealed class DovecotSpec
{
    /// <summary>The servers that must flush their auth cache and end sessions when a password ends.</summary>
    public DoveadmSpec[]? Doveadm { get; set; }
}

[JsonConverter(typeof(EnumNames<AuthCacheTreatment>))]
internal enum AuthCacheTreatment
{
    Flush,

    /// <summary>The server has no cache, so nothing is flushed.</summary>
    None,
}

/// <summary>The HTTP API of Dovecot: of one server, or of every address of its host name.</summary>
internal sealed class DoveadmSpec
{
    public string Url { get; set; } = "";

    /// <summary>Whether the server has an auth cache that doveadm can flush.</summary>
    public AuthCacheTreatment? AuthCache { get; set; }

    /// <summary>Certificates in PEM.</summary>
    public byte[]? CaBundle { get; set; }

    /// <summary>
    /// In the operator's own namespace: key <c>api-key</c>, or <c>password</c> and optionally <c>username</c>.
    /// </summary>
    public ObjectReference CredentialsSecret { get; set; } = new();
}
