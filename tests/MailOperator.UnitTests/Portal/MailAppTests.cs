using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using MailOperator.Api;
using MailOperator.Portal.MailApps;
using static MailOperator.UnitTests.Portal.Links;

namespace MailOperator.UnitTests.Portal;

/// <summary>The answers to mail apps, checked against the published formats.</summary>
public sealed class MailAppTests
{
    private const string Schemas = "http://schemas.microsoft.com/exchange/autodiscover/";

    /// <summary>Apple's PropertyList-1.0.dtd.</summary>
    private const string PropertyListDtd = """
        <!ENTITY % plistObject "(array | data | date | dict | real | integer | string | true | false )" >
        <!ELEMENT plist %plistObject;>
        <!ATTLIST plist version CDATA "1.0" >
        <!ELEMENT array (%plistObject;)*>
        <!ELEMENT dict (key, %plistObject;)*>
        <!ELEMENT key (#PCDATA)>
        <!ELEMENT string (#PCDATA)>
        <!ELEMENT data (#PCDATA)>
        <!ELEMENT date (#PCDATA)>
        <!ELEMENT true EMPTY>
        <!ELEMENT false EMPTY>
        <!ELEMENT real (#PCDATA)>
        <!ELEMENT integer (#PCDATA)>
        """;

    [Fact]
    public void Profile_IsAPropertyListByApplesDtd_AndHasTheKeysOfAMailPayload()
    {
        byte[] profile = Profile();
        var problems = new List<string>();
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Parse,
            ValidationType = ValidationType.DTD,
            XmlResolver = new AppleResolver(),
        };
        settings.ValidationEventHandler += (_, e) => problems.Add(e.Message);
        using (var reader = XmlReader.Create(new MemoryStream(profile), settings))
        {
            while (reader.Read())
            {
            }
        }

        Assert.Empty(problems);
        Dictionary<string, string> account = Dict(XDocument.Parse(Encoding.UTF8.GetString(profile)).Root!
            .Element("dict")!
            .Element("array")!
            .Element("dict")!);
        Assert.Equal("com.apple.mail.managed", account["PayloadType"]);
        Assert.Equal("EmailTypeIMAP", account["EmailAccountType"]);
        Assert.Equal(("imap.example.com", "993", "true"), (
            account["IncomingMailServerHostName"], account["IncomingMailServerPortNumber"],
            account["IncomingMailServerUseSSL"]));
        Assert.Equal(("smtp.example.com", "587", "true"), (
            account["OutgoingMailServerHostName"], account["OutgoingMailServerPortNumber"],
            account["OutgoingMailServerUseSSL"]));
        Assert.Equal("pass<word>&16chars", account["IncomingPassword"]);
        Assert.Equal("Anna & Co", account["EmailAccountName"]);
        Assert.All((string[])[
            "PayloadIdentifier", "PayloadUUID", "PayloadVersion", "EmailAddress", "IncomingMailServerAuthentication",
            "OutgoingMailServerAuthentication"], key => Assert.True(account.ContainsKey(key), key));
    }

    [Fact]
    public void Profile_WithoutThePassword_LeavesItsKeyOut()
    {
        byte[] profile = AppleProfile.Write(
            MailSettings.Of(Offer()), "claim1", Offer().Holder, "Example", password: null);

        string[] keys =
            [.. XDocument.Parse(Encoding.UTF8.GetString(profile)).Descendants("key").Select(key => key.Value)];
        Assert.DoesNotContain("IncomingPassword", keys); // the device would try an empty one and not ask
        Assert.Contains("OutgoingPasswordSameAsIncomingPassword", keys);
    }

    [Fact]
    public void Profile_DownloadedTwice_IsTheSame_AndOfAnotherClaimIsNot()
    {
        Assert.Equal(Profile(), Profile());
        Assert.NotEqual(Uuids(Profile("claim1")), Uuids(Profile("claim2")));
        Assert.Equal(2, Uuids(Profile()).Distinct().Count());
    }

    [Fact]
    public void Profile_WithoutAServerToSendBy_IsNotOffered()
    {
        InvitationOffer offer = Offer();
        offer.Protocols = [MailProtocol.IMAP];

        Assert.False(AppleProfile.IsPossible(MailSettings.Of(offer)));
        Assert.True(AppleProfile.IsPossible(MailSettings.Of(Offer())));
    }

    [Fact]
    public void Profile_Signed_IsVerifiedByItsCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest(
            "CN=devices.example.com", key,
            HashAlgorithmName.SHA256).CreateSelfSigned(Now.AddYears(-1), Now.AddYears(30));
        string folder = Directory.CreateTempSubdirectory("portal-").FullName;
        File.WriteAllText(Path.Combine(folder, "tls.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "tls.key"), key.ExportPkcs8PrivateKeyPem());

        byte[] signed = new ProfileSigner(Path.Combine(folder, "tls.crt"), Path.Combine(folder, "tls.key"))
            .Sign(Profile());

        var message = new SignedCms();
        message.Decode(signed);
        message.CheckSignature(verifySignatureOnly: true);
        Assert.Equal(Profile(), message.ContentInfo.Content);
        Assert.Equal(certificate.Thumbprint, message.SignerInfos[0].Certificate!.Thumbprint);
        Assert.Equal(Profile(), new ProfileSigner(null, null).Sign(Profile()));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Autoconfig_IsMozillasFormat()
    {
        XElement config = XDocument.Parse(Autoconfig.Write(Settings(Invitation("t"))!)).Root!;

        Assert.Equal(("clientConfig", "1.1"), (config.Name.LocalName, (string)config.Attribute("version")!));
        XElement provider = Assert.Single(config.Elements("emailProvider"));
        Assert.Equal("example.com", (string)provider.Attribute("id")!);
        Assert.Equal("example.com", (string)provider.Element("domain")!);
        // Apps use the first one.
        Assert.Equal(
            ["imap", "pop3"], provider.Elements("incomingServer").Select(server => (string)server.Attribute("type")!));
        XElement smtp = Assert.Single(provider.Elements("outgoingServer"));
        Assert.Equal("smtp", (string)smtp.Attribute("type")!);
        Assert.Equal(
            [
                ("hostname", "smtp.example.com"), ("port", "587"), ("socketType", "STARTTLS"),
                ("authentication", "password-cleartext"), ("username", "%EMAILADDRESS%"),
            ],
            smtp.Elements().Select(element => (element.Name.LocalName, element.Value)));
        Assert.Equal(
            ["SSL", "plain"],
            provider.Elements("incomingServer").Select(server => (string)server.Element("socketType")!));
    }

    [Fact]
    public void Autodiscover_IsMicrosoftsFormat()
    {
        XNamespace outlook = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";
        XElement answer = XDocument.Parse(Autodiscover.Write(Settings(Invitation("t"))!, "anna@example.com")).Root!;

        Assert.Equal(
            "{http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006}Autodiscover",
            answer.Name.ToString());
        XElement account = answer.Element(outlook + "Response")!.Element(outlook + "Account")!;
        Assert.Equal(
            ("email", "settings"),
            ((string)account.Element(outlook + "AccountType")!, (string)account.Element(outlook + "Action")!));
        Assert.Equal(
            ["IMAP", "POP3", "SMTP"],
            account.Elements(outlook + "Protocol").Select(protocol => (string)protocol.Element(outlook + "Type")!));
        XElement smtp = account.Elements(outlook + "Protocol").Last();
        Assert.Equal(("off", "TLS", "on", "anna@example.com"), (
            (string)smtp.Element(outlook + "SSL")!, (string)smtp.Element(outlook + "Encryption")!,
            (string)smtp.Element(outlook + "AuthRequired")!, (string)smtp.Element(outlook + "LoginName")!));
    }

    [Theory]
    [InlineData(
        "<Autodiscover xmlns=\"" + Schemas + "outlook/requestschema/2006\"><Request>"
        + "<EMailAddress> anna@example.com </EMailAddress></Request></Autodiscover>",
        "anna@example.com")]
    [InlineData(
        "<Autodiscover><Request><EMailAddress>anna@example.com</EMailAddress>"
        + "<AcceptableResponseSchema>" + Schemas + "outlook/responseschema/2006a</AcceptableResponseSchema>"
        + "</Request></Autodiscover>",
        "anna@example.com")]
    [InlineData(
        "<Autodiscover><Request><EMailAddress>anna@example.com</EMailAddress>"
        + "<AcceptableResponseSchema>" + Schemas + "mobilesync/responseschema/2006</AcceptableResponseSchema>"
        + "</Request></Autodiscover>",
        null)]
    [InlineData("<Autodiscover/>", null)]
    [InlineData("not xml", null)]
    [InlineData("", null)]
    [InlineData(
        "<!DOCTYPE a [<!ENTITY e SYSTEM "
        + "\"file:///etc/passwd\">]><Autodiscover><EMailAddress>&e;</EMailAddress></Autodiscover>", null)]
    public void AddressIn_ARequest_IsTheAddressAndNothingFromElsewhere(string request, string? expected) =>
        Assert.Equal(expected, Autodiscover.AddressIn(request));

    [Fact]
    public void DomainSettings_DoNotDependOnTheMailbox()
    {
        DeviceInvitation[] invitations = [Invitation("a", "a"), Invitation("b", "b", status => { status.Offer!.Mailbox =
            status.Offer.Username = "bert@example.com"; status.Offer.Protocols = [MailProtocol.SMTP]; })];

        Assert.Equal(3, DomainSettings.Find(invitations, "EXAMPLE.com")!.Servers.Count);
        Assert.Null(DomainSettings.Find(invitations, "example.org"));
        Assert.Null(DomainSettings.Find(invitations, ""));
        Assert.Null(DomainSettings.Find(invitations, null));
        Assert.Equal(LoginName.LocalPart, DomainSettings.Find(
            [Invitation("a", change: status => status.Offer!.Username = "anna")], "example.com")!.Login);
    }

    [Fact]
    public void DomainSettings_ThatContradictOneAnother_AreNull()
    {
        DeviceInvitation other = Invitation("b", "b", status => status.Offer!.Client.Imap!.Host = "imap2.example.com");
        DeviceInvitation login = Invitation("b", "b", status => status.Offer!.Username = "u4711");

        Assert.Null(DomainSettings.Find([Invitation("a", "a"), other], "example.com"));
        Assert.Null(DomainSettings.Find([Invitation("a", "a"), login], "example.com"));
        Assert.Null(DomainSettings.Find([login], "example.com")); // a login name is one person's
    }

    private static DomainSettings? Settings(params DeviceInvitation[] invitations) =>
        DomainSettings.Find(invitations, "example.com");

    private static byte[] Profile(string claim = "claim1") =>
        AppleProfile.Write(MailSettings.Of(Offer()), claim, Offer().Holder, "Example", "pass<word>&16chars");

    private static IEnumerable<string> Uuids(byte[] profile) =>
        XDocument.Parse(Encoding.UTF8.GetString(profile))
            .Descendants("key")
            .Where(key => key.Value == "PayloadUUID")
            .Select(key => key.ElementsAfterSelf().First().Value);

    private static Dictionary<string, string> Dict(XElement dict) => dict.Elements("key").ToDictionary(
        key => key.Value,
        key => key.ElementsAfterSelf().First() is { Name.LocalName: "true" or "false" } flag
            ? flag.Name.LocalName
            : key.ElementsAfterSelf().First().Value);

    /// <summary>Resolves the DTD of property lists, without a download.</summary>
    private sealed class AppleResolver : XmlResolver
    {
        public override object GetEntity(Uri absoluteUri, string? role, Type? ofObjectToReturn)
        {
            Assert.Equal("http://www.apple.com/DTDs/PropertyList-1.0.dtd", absoluteUri.ToString());
            return new MemoryStream(Encoding.UTF8.GetBytes(PropertyListDtd));
        }
    }
}
