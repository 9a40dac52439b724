using MailOperator.Api;

namespace MailOperator.Portal.MailApps;

/// <summary>The settings that a mail app needs for a mailbox, without the password.</summary>
internal sealed record MailSettings(string Mailbox, string Username, IReadOnlyList<MailServer> Servers)
{
    /// <summary>The servers of an offer that its protocols allow: IMAP, POP3, then SMTP.</summary>
    public static MailSettings Of(InvitationOffer offer) => new(
        offer.Mailbox,
        offer.Username is { Length: > 0 } username ? username : offer.Mailbox,
        [
            .. Server(offer, MailProtocol.IMAP, offer.Client?.Imap),
            .. Server(offer, MailProtocol.POP3, offer.Client?.Pop3),
            .. Server(offer, MailProtocol.SMTP, offer.Client?.Smtp),
        ]);

    public MailServer? Find(MailProtocol protocol) =>
        Servers.FirstOrDefault(server => server.Protocol == protocol);

    /// <summary>The server for reading mail: IMAP if there is one, else POP3.</summary>
    public MailServer? Incoming => Find(MailProtocol.IMAP) ?? Find(MailProtocol.POP3);

    private static IEnumerable<MailServer> Server(
        InvitationOffer offer, MailProtocol protocol, EndpointSpec? endpoint) =>
        endpoint is null || offer.Protocols is { Length: > 0 } allowed && !allowed.Contains(protocol)
            ? []
            : [new MailServer(protocol, endpoint.Host, endpoint.Port, endpoint.Security ?? ConnectionSecurity.TLS)];
}

/// <summary>The settings of one server.</summary>
internal sealed record MailServer(MailProtocol Protocol, string Host, int Port, ConnectionSecurity Security);
