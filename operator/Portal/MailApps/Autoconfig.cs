using System.Xml.Linq;
using MailOperator.Api;

namespace MailOperator.Portal.MailApps;

/// <summary>
/// Mozilla's autoconfiguration file, version 1.1 (draft-ietf-mailmaint-autoconfig), which Thunderbird, K-9 Mail,
/// Evolution and others request.
/// </summary>
internal static class Autoconfig
{
    public const string ContentType = "application/xml; charset=utf-8";

    private const string Declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

    public static string Write(DomainSettings settings) => Declaration + new XElement(
        "clientConfig",
        new XAttribute("version", "1.1"),
        new XElement(
            "emailProvider",
            new XAttribute("id", settings.Domain),
            new XElement("domain", settings.Domain),
            new XElement("displayName", settings.Domain),
            new XElement("displayShortName", settings.Domain),
            settings.Servers.Select(server => Server(server, settings.Login))));

    private static XElement Server(MailServer server, LoginName login) => new(
        server.Protocol == MailProtocol.SMTP ? "outgoingServer" : "incomingServer",
        new XAttribute("type", server.Protocol.ToString().ToLowerInvariant()),
        new XElement("hostname", server.Host),
        new XElement("port", server.Port),
        new XElement("socketType", server.Security switch
        {
            ConnectionSecurity.TLS => "SSL",
            ConnectionSecurity.STARTTLS => "STARTTLS",
            _ => "plain",
        }),
        new XElement("authentication", "password-cleartext"),
        new XElement("username", login == LoginName.LocalPart ? "%EMAILLOCALPART%" : "%EMAILADDRESS%"));
}
