using System.Security.Cryptography.X509Certificates;
using MailOperator.Api;

namespace MailOperator.DeviceInvitations.Delivery;

/// <summary>Through which server the operator mails.</summary>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">TCP port.</param>
/// <param name="Security">How the connection is protected.</param>
/// <param name="From">The sender's address.</param>
/// <param name="FromName">The sender's name for people; null if it has none.</param>
/// <param name="CredentialsSecret">Secret in the operator's own namespace, with keys username and password; null to log in nowhere.</param>
internal sealed record SmtpRelay(string Host, int Port, ConnectionSecurity Security, string From, string? FromName, string? CredentialsSecret)
{
    /// <summary>What its certificate is verified with, in place of the system's authorities; empty for those.</summary>
    public X509Certificate2Collection Authorities { get; init; } = [];

    /// <summary>For messages.</summary>
    public override string ToString() => $"{Host}:{Port}";
}
