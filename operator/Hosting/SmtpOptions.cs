using System.ComponentModel.DataAnnotations;
using MailOperator.Api;
using MailOperator.DeviceInvitations.Delivery;

namespace MailOperator.Hosting;

/// <summary>The relay for mails with the links of invitations. Without a host no mail is sent.</summary>
internal sealed class SmtpOptions
{
    public string? Host { get; set; }

    [Range(1, 65535)]
    public int Port { get; set; } = 587;

    public ConnectionSecurity Security { get; set; } = ConnectionSecurity.STARTTLS;

    /// <summary>The address of the sender.</summary>
    public string? From { get; set; }

    /// <summary>The display name of the sender; null for none.</summary>
    public string? FromName { get; set; }

    /// <summary>
    /// The Secret in the operator's own namespace with the keys username and password; null to send without a login.
    /// </summary>
    public string? CredentialsSecret { get; set; }

    /// <summary>
    /// Certificates in PEM, encoded as base64, that the relay's certificate is verified with; null to use those of the
    /// system.
    /// </summary>
    public byte[]? CaBundle { get; set; }

    /// <summary>
    /// The domains that links may be mailed to, with commas between them: <c>example.com</c>, <c>*.example.com</c> for
    /// those below it, <c>*</c> for any; null for the domains of the mailboxes that are granted to a namespace.
    /// </summary>
    [RegularExpression(
        @"\s*(\*|(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)(\s*,\s*(\*|(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*))*\s*",
        ErrorMessage =
            "Smtp:RecipientDomains must be domains with commas between them, such as example.com, *.example.org.")]
    public string? RecipientDomains { get; set; }

    /// <inheritdoc cref="SmtpRelay.MaxTriesPerHour"/>
    [Range(1, 1_000_000)]
    public int MaxTriesPerHour { get; set; } = SmtpRelay.DefaultTriesPerHour;

    /// <summary>The relay; null without a host.</summary>
    public SmtpRelay? ToRelay() => string.IsNullOrEmpty(Host)
        ? null
        : new SmtpRelay(
            Host, Port, Security, From!, FromName, string.IsNullOrEmpty(CredentialsSecret) ? null : CredentialsSecret)
        {
            Authorities = Backends.CaBundle.Read(CaBundle),
            RecipientDomains = (RecipientDomains ?? "").Split(
                ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            MaxTriesPerHour = MaxTriesPerHour,
        };
}
