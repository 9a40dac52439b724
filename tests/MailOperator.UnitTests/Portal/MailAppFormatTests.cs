using System.Text;
using System.Xml.Linq;
using MailOperator.Api;
using MailOperator.Portal.MailApps;

namespace MailOperator.UnitTests.Portal;

/// <summary>
/// The answers to mail apps, for every choice of protocols, encryption and login name, checked against the published
/// formats: keys, types, allowed values, and the order where it matters.
/// </summary>
public sealed class MailAppFormatTests
{
    private static readonly string[] Authentications =
        ["EmailAuthNone", "EmailAuthPassword", "EmailAuthCRAMMD5", "EmailAuthNTLM", "EmailAuthHTTPMD5"];

    /// <summary>The keys of every payload, from Apple's device management reference.</summary>
    private static readonly Key[] CommonKeys =
    [
        new("PayloadDescription", "string"),
        new("PayloadDisplayName", "string"),
        new("PayloadIdentifier", "string", IsRequired: true),
        new("PayloadOrganization", "string"),
        new("PayloadUUID", "string", IsRequired: true),
        new("PayloadVersion", "integer", IsRequired: true, ["1"]),
    ];

    private static readonly Key[] ProfileKeys =
    [
        .. CommonKeys,
        new("PayloadType", "string", IsRequired: true, ["Configuration"]),
        new("PayloadContent", "array", IsRequired: true),
        new("PayloadRemovalDisallowed", "boolean"),
    ];

    /// <summary>The keys of <c>com.apple.mail.managed</c>, without those for S/MIME.</summary>
    private static readonly Key[] MailKeys =
    [
        .. CommonKeys,
        new("PayloadType", "string", IsRequired: true, ["com.apple.mail.managed"]),
        new("EmailAccountDescription", "string"),
        new("EmailAccountName", "string"),
        new("EmailAccountType", "string", IsRequired: true, ["EmailTypeIMAP", "EmailTypePOP"]),
        new("EmailAddress", "string"),
        new("IncomingMailServerAuthentication", "string", IsRequired: true, Authentications),
        new("IncomingMailServerHostName", "string", IsRequired: true),
        new("IncomingMailServerIMAPPathPrefix", "string"),
        new("IncomingMailServerPortNumber", "integer"),
        new("IncomingMailServerUseSSL", "boolean"),
        new("IncomingMailServerUsername", "string"),
        new("IncomingPassword", "string"),
        new("OutgoingMailServerAuthentication", "string", IsRequired: true, Authentications),
        new("OutgoingMailServerHostName", "string", IsRequired: true),
        new("OutgoingMailServerPortNumber", "integer"),
        new("OutgoingMailServerUseSSL", "boolean"),
        new("OutgoingMailServerUsername", "string"),
        new("OutgoingPassword", "string"),
        new("OutgoingPasswordSameAsIncomingPassword", "boolean"),
    ];

    public static TheoryData<string, string, string> Offers()
    {
        var all = new TheoryData<string, string, string>();
        foreach (string protocols in (string[])[
            "IMAP", "POP3", "SMTP", "IMAP,POP3", "IMAP,SMTP", "POP3,SMTP", "IMAP,POP3,SMTP"])
        {
            all.Add(protocols, nameof(ConnectionSecurity.TLS), "anna");
            all.Add(protocols, nameof(ConnectionSecurity.STARTTLS), "anna@example.com");
            all.Add(protocols, nameof(ConnectionSecurity.None), "anna@example.com");
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(Offers))]
    public void Profile_IsOfferedWhereAppleMailCanUseIt_AndHasItsKeys(
        string offered, string encryption, string username)
    {
        (MailProtocol[] protocols, ConnectionSecurity security) = Parsed(offered, encryption);
        var settings = MailSettings.Of(Invitation(protocols, security, username).Status!.Offer!);
        bool canReadAndSend = protocols.Contains(MailProtocol.SMTP) && protocols.Length > 1;
        Assert.Equal(canReadAndSend, AppleProfile.IsPossible(settings));
        if (!canReadAndSend)
        {
            return;
        }

        XElement profile = XDocument.Parse(Encoding.UTF8.GetString(
            AppleProfile.Write(settings, "claim", "Anna", "Example", "0123456789abcdef"))).Root!.Element("dict")!;
        Dictionary<string, XElement> outer = Checked(profile, ProfileKeys);
        Dictionary<string, XElement> account = Checked(Assert.Single(outer["PayloadContent"].Elements()), MailKeys);

        bool readsOverImap = protocols.Contains(MailProtocol.IMAP);
        Assert.Equal(
            readsOverImap ? ("EmailTypeIMAP", "imap.example.com") : ("EmailTypePOP", "pop.example.com"),
            (account["EmailAccountType"].Value, account["IncomingMailServerHostName"].Value));
        Assert.All((string[])["IncomingMailServerUseSSL", "OutgoingMailServerUseSSL"], key =>
            // Mail detects STARTTLS itself.
            Assert.Equal(security == ConnectionSecurity.None ? "false" : "true", account[key].Name.LocalName));
        Assert.All(
            (string[])["IncomingMailServerUsername", "OutgoingMailServerUsername"],
            key => Assert.Equal(username, account[key].Value));
        Assert.All((Dictionary<string, XElement>[])[outer, account], keys =>
        {
            Assert.Matches("^[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}$", keys["PayloadUUID"].Value);
            Assert.Matches(@"^[a-z]+(\.[a-z0-9]+)+$", keys["PayloadIdentifier"].Value);
        });
        Assert.NotEqual(outer["PayloadIdentifier"].Value, account["PayloadIdentifier"].Value);
    }

    [Theory]
    [MemberData(nameof(Offers))]
    public void Autoconfig_HasTheElementsOfVersion11(string offered, string encryption, string username)
    {
        (MailProtocol[] protocols, ConnectionSecurity security) = Parsed(offered, encryption);
        XElement config = XDocument.Parse(Autoconfig.Write(Settings(protocols, security, username))).Root!;

        Assert.Equal("version=1.1", Attributes(config));
        XElement provider = Assert.Single(config.Elements());
        Assert.Equal(("emailProvider", "id=example.com"), (provider.Name.LocalName, Attributes(provider)));
        Assert.Equal(
            [
                "domain",
                "displayName",
                "displayShortName",
                .. protocols.Select(protocol => protocol == MailProtocol.SMTP ? "outgoingServer" : "incomingServer"),
            ],
            provider.Elements().Select(element => element.Name.LocalName));
        Assert.Equal(
            protocols.Select(protocol => $"type={protocol.ToString().ToLowerInvariant()}"),
            provider.Elements().Where(element => element.HasElements).Select(Attributes));
        foreach (XElement server in provider.Elements().Where(element => element.HasElements))
        {
            Assert.Equal(
                ["hostname", "port", "socketType", "authentication", "username"],
                server.Elements().Select(element => element.Name.LocalName));
            Assert.Matches("^[a-z.]+$", server.Element("hostname")!.Value);
            Assert.InRange((int)server.Element("port")!, 1, 65535);
            Assert.Equal(security switch
            {
                ConnectionSecurity.TLS => "SSL",
                ConnectionSecurity.STARTTLS => "STARTTLS",
                _ => "plain",
            }, server.Element("socketType")!.Value);
            Assert.Equal("password-cleartext", server.Element("authentication")!.Value);
            Assert.Equal(username == "anna" ? "%EMAILLOCALPART%" : "%EMAILADDRESS%", server.Element("username")!.Value);
        }
    }

    [Theory]
    [MemberData(nameof(Offers))]
    public void Autodiscover_HasTheElementsOfSchema2006a(string offered, string encryption, string username)
    {
        (MailProtocol[] protocols, ConnectionSecurity security) = Parsed(offered, encryption);
        XElement answer =
            XDocument.Parse(Autodiscover.Write(Settings(protocols, security, username), "bert@example.com")).Root!;
        XElement response = Assert.Single(answer.Elements());
        XElement account = Assert.Single(response.Elements());

        Assert.Equal(
            "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006", answer.Name.NamespaceName);
        Assert.All(response.DescendantsAndSelf(), element => Assert.Equal(
            "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a",
            element.Name.NamespaceName));
        Assert.Equal(
            ["AccountType", "Action", .. protocols.Select(_ => "Protocol")],
            account.Elements().Select(element => element.Name.LocalName));
        foreach ((XElement element, MailProtocol protocol) in account.Elements().Skip(2).Zip(protocols))
        {
            Assert.Equal(
                ["Type", "Server", "Port", "LoginName", "DomainRequired", "SPA", "SSL", "Encryption", "AuthRequired"],
                element.Elements().Select(setting => setting.Name.LocalName));
            string[] values = [.. element.Elements().Select(setting => setting.Value)];
            Assert.Equal(protocol.ToString(), values[0]);
            Assert.InRange(int.Parse(values[2]), 1, 65535);
            Assert.Equal([username == "anna" ? "bert" : "bert@example.com", "off", "off"], values[3..6]);
            Assert.Equal(security switch
            {
                ConnectionSecurity.TLS => ["on", "SSL"],
                ConnectionSecurity.STARTTLS => ["off", "TLS"],
                _ => (string[])["off", "None"],
            }, values[6..8]);
            Assert.Equal("on", values[8]);
        }
    }

    /// <summary>
    /// Asserts that a dictionary has each key once, all required keys, and no unknown key, type or value.
    /// </summary>
    private static Dictionary<string, XElement> Checked(XElement dict, Key[] keys)
    {
        Assert.Equal("dict", dict.Name.LocalName);
        var entries = dict.Elements().Chunk(2).ToDictionary(
            static pair => Named(pair[0], "key").Value, static pair => pair[1]);
        Assert.Empty(entries.Keys.Except(keys.Select(static key => key.Name)));
        foreach (Key key in keys)
        {
            if (!entries.TryGetValue(key.Name, out XElement? value))
            {
                Assert.False(key.IsRequired, key.Name);
                continue;
            }

            Assert.Equal(
                (key.Name, key.Type),
                (key.Name, value.Name.LocalName is "true" or "false" ? "boolean" : value.Name.LocalName));
            Assert.True(key.Values is null || key.Values.Contains(value.Value), $"{key.Name} is {value.Value}");
        }

        return entries;
    }

    private static XElement Named(XElement element, string name)
    {
        Assert.Equal(name, element.Name.LocalName);
        return element;
    }

    private static string Attributes(XElement element) =>
        string.Join(' ', element.Attributes().Select(static one => $"{one.Name}={one.Value}"));

    private static (MailProtocol[] Protocols, ConnectionSecurity Security) Parsed(string protocols, string security) =>
        ([.. protocols.Split(',').Select(Enum.Parse<MailProtocol>)], Enum.Parse<ConnectionSecurity>(security));

    private static DomainSettings Settings(MailProtocol[] protocols, ConnectionSecurity security, string username) =>
        DomainSettings.Find([Invitation(protocols, security, username)], "example.com")!;

    private static DeviceInvitation Invitation(
        MailProtocol[] protocols, ConnectionSecurity security, string username) =>
        Links.Invitation("t", change: status =>
        {
            InvitationOffer offer = status.Offer!;
            (offer.Protocols, offer.Username) = (protocols, username);
            offer.Client.Imap!.Security = offer.Client.Pop3!.Security = offer.Client.Smtp!.Security = security;
        });

    private sealed record Key(string Name, string Type, bool IsRequired = false, string[]? Values = null);
}
