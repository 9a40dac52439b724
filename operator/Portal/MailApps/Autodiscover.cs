using System.Xml;
using System.Xml.Linq;
using MailOperator.Api;

namespace MailOperator.Portal.MailApps;

/// <summary>Outlook's Autodiscover, in the "plain old XML" format of [MS-OXDSCLI], schema 2006a.</summary>
internal static class Autodiscover
{
    public const string ContentType = "application/xml; charset=utf-8";

    /// <summary>Maximum length of a request, in characters. Real ones have a few hundred.</summary>
    public const int MaxRequestLength = 8192;

    private const string Declaration = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

    private const string AnswerSchema =
        "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

    private static readonly XNamespace Envelope =
        "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";
    private static readonly XNamespace Outlook = AnswerSchema;

    /// <summary>
    /// The address that a request asks for. Null if it is malformed, or asks for another schema, such as ActiveSync's.
    /// </summary>
    public static string? AddressIn(string request)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(request), new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                MaxCharactersInDocument = MaxRequestLength,
                XmlResolver = null,
            });
            var asked = XDocument.Load(reader);
            return Find(asked, "AcceptableResponseSchema") is null or AnswerSchema
                ? Find(asked, "EMailAddress")
                : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    public static string Write(DomainSettings settings, string address) => Declaration + new XElement(
        Envelope + "Autodiscover",
        new XElement(
            Outlook + "Response",
            new XElement(
                Outlook + "Account",
                new XElement(Outlook + "AccountType", "email"),
                new XElement(Outlook + "Action", "settings"),
                settings.Servers.Select(server => Protocol(server, LoginOf(settings, address))))));

    private static string? Find(XDocument request, string name) =>
        request.Descendants().FirstOrDefault(element => element.Name.LocalName == name)?.Value.Trim();

    private static string LoginOf(DomainSettings settings, string address) =>
        settings.Login == LoginName.LocalPart ? address[..address.LastIndexOf('@')] : address;

    private static XElement Protocol(MailServer server, string login) => new(
        Outlook + "Protocol",
        new XElement(Outlook + "Type", server.Protocol.ToString()),
        new XElement(Outlook + "Server", server.Host),
        new XElement(Outlook + "Port", server.Port),
        new XElement(Outlook + "LoginName", login),
        new XElement(Outlook + "DomainRequired", "off"), // the login name is complete without a Windows domain
        new XElement(Outlook + "SPA", "off"),
        new XElement(Outlook + "SSL", server.Security == ConnectionSecurity.TLS ? "on" : "off"),
        new XElement(Outlook + "Encryption", server.Security switch
        {
            ConnectionSecurity.TLS => "SSL",
            ConnectionSecurity.STARTTLS => "TLS",
            _ => "None",
        }),
        new XElement(Outlook + "AuthRequired", "on"));
}
