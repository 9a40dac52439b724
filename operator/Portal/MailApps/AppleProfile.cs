using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using MailOperator.Api;

namespace MailOperator.Portal.MailApps;

/// <summary>
/// A configuration profile for Apple's Mail: payload <c>com.apple.mail.managed</c> of Apple's device management reference,
/// in the property list format.
/// </summary>
internal static class AppleProfile
{
    public const string FileName = "mail.mobileconfig";
    public const string ContentType = "application/x-apple-aspen-config";

    /// <summary>An account in Apple's Mail needs a server to read from and one to send by.</summary>
    public static bool IsPossible(MailSettings settings) => settings.Incoming is not null && settings.Find(MailProtocol.SMTP) is not null;

    /// <param name="settings">Settings for which <see cref="IsPossible"/> holds.</param>
    /// <param name="claimId">Makes the profile the same however often it is downloaded: installed twice, it replaces itself.</param>
    /// <param name="holder">Name of the person, shown as the sender of their mail.</param>
    /// <param name="organization">Shown as who made the profile.</param>
    /// <param name="password">Of the mailbox; null has the device ask for it.</param>
    public static byte[] Write(MailSettings settings, string claimId, string? holder, string? organization, string? password)
    {
        MailServer incoming = settings.Incoming!;
        MailServer outgoing = settings.Find(MailProtocol.SMTP)!;
        XElement account = Dict(
            ("EmailAccountDescription", settings.Mailbox),
            ("EmailAccountName", holder ?? settings.Mailbox),
            ("EmailAccountType", incoming.Protocol == MailProtocol.IMAP ? "EmailTypeIMAP" : "EmailTypePOP"),
            ("EmailAddress", settings.Mailbox),
            ("IncomingMailServerAuthentication", "EmailAuthPassword"),
            ("IncomingMailServerHostName", incoming.Host),
            ("IncomingMailServerPortNumber", incoming.Port),
            ("IncomingMailServerUseSSL", incoming.Security != ConnectionSecurity.None),
            ("IncomingMailServerUsername", settings.Username),
            ("IncomingPassword", password),
            ("OutgoingMailServerAuthentication", "EmailAuthPassword"),
            ("OutgoingMailServerHostName", outgoing.Host),
            ("OutgoingMailServerPortNumber", outgoing.Port),
            ("OutgoingMailServerUseSSL", outgoing.Security != ConnectionSecurity.None),
            ("OutgoingMailServerUsername", settings.Username),
            ("OutgoingPasswordSameAsIncomingPassword", true),
            ("PayloadDisplayName", settings.Mailbox),
            ("PayloadIdentifier", $"io.mailoperator.{claimId}.account"),
            ("PayloadType", "com.apple.mail.managed"),
            ("PayloadUUID", Uuid(claimId, "account")),
            ("PayloadVersion", 1));
        XElement profile = Dict(
            ("PayloadContent", new XElement("array", account)),
            ("PayloadDisplayName", settings.Mailbox),
            ("PayloadIdentifier", $"io.mailoperator.{claimId}"),
            ("PayloadOrganization", organization ?? settings.Mailbox[(settings.Mailbox.IndexOf('@') + 1)..]),
            ("PayloadRemovalDisallowed", false),
            ("PayloadType", "Configuration"),
            ("PayloadUUID", Uuid(claimId, "profile")),
            ("PayloadVersion", 1));
        return Bytes(new XDocument(
            new XDocumentType("plist", "-//Apple//DTD PLIST 1.0//EN", "http://www.apple.com/DTDs/PropertyList-1.0.dtd", null),
            new XElement("plist", new XAttribute("version", "1.0"), profile)));
    }

    /// <summary>The entries that have a value.</summary>
    private static XElement Dict(params (string Key, object? Value)[] entries) => new(
        "dict",
        entries.Where(static entry => entry.Value is not null).SelectMany(static entry => new[] { new XElement("key", entry.Key), Value(entry.Value!) }));

    private static XElement Value(object value) => value switch
    {
        XElement element => element,
        bool flag => new XElement(flag ? "true" : "false"),
        int number => new XElement("integer", number),
        _ => new XElement("string", value),
    };

    private static string Uuid(string claimId, string part) =>
        new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{claimId} {part}")).AsSpan(0, 16)).ToString().ToUpperInvariant();

    private static byte[] Bytes(XDocument document)
    {
        using var buffer = new MemoryStream();
        using (var writer = XmlWriter.Create(buffer, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true }))
        {
            document.Save(writer);
        }

        return buffer.ToArray();
    }
}
