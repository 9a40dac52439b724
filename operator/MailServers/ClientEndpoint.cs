using MailOperator.Api;

namespace MailOperator.MailServers;

/// <summary>An endpoint for mail clients.</summary>
internal sealed record ClientEndpoint(MailProtocol Protocol, string Host, int Port, ConnectionSecurity Security)
{
    /// <summary>The scheme of a URI; the names of RFC 8314 for implicit TLS.</summary>
    public string Scheme => (Protocol, Security) switch
    {
        (MailProtocol.SMTP, ConnectionSecurity.TLS) => "smtps",
        (MailProtocol.SMTP, _) => "smtp",
        (MailProtocol.IMAP, ConnectionSecurity.TLS) => "imaps",
        (MailProtocol.IMAP, _) => "imap",
        (_, ConnectionSecurity.TLS) => "pop3s",
        _ => "pop3",
    };

    /// <summary>
    /// Certificates in PEM as base64, by which the operator's own logins verify the server; null for the system's.
    /// Text, because endpoints are compared.
    /// </summary>
    public string? CaBundle { get; init; }

    /// <summary>The same as bytes.</summary>
    public byte[]? Authorities() => CaBundle is null ? null : Convert.FromBase64String(CaBundle);

    /// <summary>The protocol in the keys of a Secret: "imap", "pop3" or "smtp".</summary>
    public string KeyName => Protocol.ToString().ToLowerInvariant();
}
