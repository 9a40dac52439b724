using System.Net;
using System.Security.Cryptography;
using System.Text;
using MailOperator.Api;
using MailOperator.Languages;
using MimeKit;

namespace MailOperator.DeviceInvitations.Delivery;

/// <summary>
/// The mail with the link, as text and as HTML with the same content. It never has a password, and its subject nothing
/// that a tenant writes.
/// </summary>
internal static class InvitationMail
{
    private const string BodyStyle =
        "margin:0;padding:24px;font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

    private const string ButtonStyle =
        "display:inline-block;padding:12px 20px;border-radius:8px;"
        + "background:#1f5fbf;color:#ffffff;text-decoration:none;font-weight:600";

    /// <param name="relay">The relay, with the sender.</param>
    /// <param name="invitation">The invitation.</param>
    /// <param name="offer">The mailbox, the device and the person.</param>
    /// <param name="delivery">The recipient and the language.</param>
    /// <param name="link">The link.</param>
    /// <param name="end">When the link expires.</param>
    /// <param name="now">The time.</param>
    public static MimeMessage Compose(
        SmtpRelay relay,
        DeviceInvitation invitation,
        InvitationOffer offer,
        DeliveryFacts delivery,
        Uri link,
        DateTimeOffset end,
        DateTimeOffset now)
    {
        string device = MailName.Harmless(offer.DeviceName);
        string holder = MailName.Harmless(offer.Holder);
        Language language = Language.Find(delivery.Language.ToString())!; // a test compares the two lists
        MailTexts texts = language.Mail;
        string until = language.Moment(end);
        var message = new MimeMessage
        {
            MessageId = MessageId(relay, invitation, delivery, link),
            Date = now,
            Subject = texts.Subject,
        };
        message.From.Add(new MimeKit.MailboxAddress(relay.FromName, relay.From));
        message.To.Add(new MimeKit.MailboxAddress(holder, delivery.To!));
        message.Headers.Add("Auto-Submitted", "auto-generated"); // RFC 3834: no out-of-office reply
        message.Headers.Add(HeaderId.ContentLanguage, language.Code);
        message.Body = new MultipartAlternative(
            Part("plain", PlainBody(texts, offer.Mailbox, device, holder, link, until)),
            Part("html", HtmlBody(texts, offer.Mailbox, device, holder, link, until, language.Code)));
        return message;
    }

    /// <summary>The same for every attempt to send the same mail, so that a duplicate can be recognized.</summary>
    private static string MessageId(SmtpRelay relay, DeviceInvitation invitation, DeliveryFacts delivery, Uri link)
    {
        // The format is fixed: an attempt after an upgrade must have the same id as the one before it.
        string linkHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(link.AbsoluteUri)));
        string mail = $"{delivery.To}\n{delivery.ResendToken}\n{linkHash}";
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(mail));
        string domain = relay.From[(relay.From.LastIndexOf('@') + 1)..];
        return $"{invitation.Metadata.Uid}.{Convert.ToHexStringLower(hash.AsSpan(0, 8))}@{domain}";
    }

    private static TextPart Part(string subtype, string text) =>
        new(subtype) { Text = text, ContentTransferEncoding = ContentEncoding.QuotedPrintable };

    private static string PlainBody(
        MailTexts texts, string mailbox, string device, string holder, Uri link, string until) =>
        $"""
        {string.Format(texts.Greeting, holder)}

        {string.Format(texts.Lead, mailbox, device)}

        {link.AbsoluteUri}

        {string.Format(texts.Until, until)} {texts.Once}

        {texts.Unexpected}

        """.ReplaceLineEndings("\r\n");

    // Tables and inline styles, because many mail programs support little else. Nothing is loaded from other servers.
    private static string HtmlBody(
        MailTexts texts, string mailbox, string device, string holder, Uri link, string until, string language)
    {
        string Escaped(string text) => WebUtility.HtmlEncode(text);
        string title = Escaped(texts.Subject);
        string fallback = Escaped(texts.Fallback);
        string url = Escaped(link.AbsoluteUri);
        return $"""
            <!DOCTYPE html>
            <html lang="{language}">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta
            name="color-scheme" content="light dark"><title>{title}</title></head>
            <body style="{BodyStyle}">
            <table role="presentation" style="max-width:560px;margin:0 auto;border-spacing:0"><tr><td>
            <p>{Escaped(string.Format(texts.Greeting, holder))}</p>
            <p>{Escaped(string.Format(texts.Lead, mailbox, device))}</p>
            <p style="margin:28px 0"><a href="{url}" style="{ButtonStyle}">{Escaped(texts.Button)}</a></p>
            <p>{Escaped(string.Format(texts.Until, until))} {Escaped(texts.Once)}</p>
            <p style="font-size:14px">{fallback}<br><a href="{url}" style="word-break:break-all">{url}</a></p>
            <p style="font-size:14px">{Escaped(texts.Unexpected)}</p>
            </td></tr></table>
            </body>
            </html>

            """.ReplaceLineEndings("\r\n");
    }
}
