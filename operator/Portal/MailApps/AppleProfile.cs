using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using MailOperator.Api;

namespace MailOperator.Portal.MailApps;

/// <summary>
/// A configuration profile for Apple's Mail: the payload <c>com.apple.mail.managed</c> of Apple's device management
/// reference, as a property list.
/// </summary>
internal static class AppleProfile
{
    public const string FileName = "mail.mobileconfig";
    public const string ContentType = "application/x-apple-aspen-config";

    /// <summary>Whether a profile can be written: Apple's Mail needs an incoming and an outgoing server.</summary>
    public static bool IsPossible(MailSettings settings) =>
        settings.Incoming is not null && settings.Find(MailProtocol.SMTP) is not null;

    /// <param name="settings">Settings for which <see cref="IsPossible"/> holds.</param>
    /// <param name="claimId">
    /// Identifies the profile, so that a second download replaces the first on the device.
    /// </param>
    /// <param name="holder">The person's name, shown as the sender of their mail.</param>
    /// <param name="organization">Shown as the issuer of the profile. Default: the mailbox's domain.</param>
    /// <param name="password">The mailbox's password. If null, the device asks for it.</param>
    public static byte[] Write(
        MailSettings settings, string claimId, string? holder, string? organization, string? password)
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
            new XDocumentType(
                "plist", "-//Apple//DTD PLIST 1.0//EN", "http://www.apple.com/DTDs/PropertyList-1.0.dtd", null),
            new XElement("plist", new XAttribute("version", "1.0"), profile)));
    }

    /// <summary>A dictionary. Entries whose value is null are left out.</summary>
    private static XElement Dict(params (string Key, object? Value)[] entries) => new(
        "dict",
        entries.Where(static entry => entry.Value is not null)
            .SelectMany(static entry => new[] { new XElement("key", entry.Key), Value(entry.Value!) }));

    private static XElement Value(object value) => value switch
    {
        XElement element => element,
        bool flag => new XElement(flag ? "true" : "false"),
        int number => new XElement("integer", number),
        _ => new XElement("string", value),
    };

    private static string Uuid(string claimId, string part)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{claimId} {part}"));
        return new Guid(hash.AsSpan(0, 16)).ToString().ToUpperInvariant();
    }

    private static byte[] Bytes(XDocument document)
    {
        using var buffer = new MemoryStream();
        var settings = new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true };
        using (var writer = XmlWriter.Create(buffer, settings))
        {
            document.Save(writer);
        }

        return buffer.ToArray();
    }
}
