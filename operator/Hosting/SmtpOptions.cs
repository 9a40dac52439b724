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

    /// <summary>The relay; null without a host.</summary>
    public SmtpRelay? ToRelay() => string.IsNullOrEmpty(Host)
        ? null
        : new SmtpRelay(
            Host, Port, Security, From!, FromName, string.IsNullOrEmpty(CredentialsSecret) ? null : CredentialsSecret)
        {
            Authorities = Backends.CaBundle.Read(CaBundle),
        };
}
