using MailOperator.Api;

namespace MailOperator.MailServers;

/// <summary>One endpoint as a client must be told of it.</summary>
internal sealed record ClientEndpoint(MailProtocol Protocol, string Host, int Port, ConnectionSecurity Security)
{
    /// <summary>Scheme of a URI: RFC 8314's names where TLS comes first.</summary>
    public string Scheme => (Protocol, Security) switch
    {
        (MailProtocol.SMTP, ConnectionSecurity.TLS) => "smtps",
        (MailProtocol.SMTP, _) => "smtp",
        (MailProtocol.IMAP, ConnectionSecurity.TLS) => "imaps",
        (MailProtocol.IMAP, _) => "imap",
        (_, ConnectionSecurity.TLS) => "pop3s",
        _ => "pop3",
    };

    /// <summary>The protocol in the keys of a Secret: "imap", "pop3" or "smtp".</summary>
    public string KeyName => Protocol.ToString().ToLowerInvariant();
}
