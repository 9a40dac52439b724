using System.Security.Cryptography.X509Certificates;
using MailOperator.Api;

namespace MailOperator.DeviceInvitations.Delivery;

/// <summary>The server that the operator sends mail through.</summary>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">TCP port.</param>
/// <param name="Security">How the connection is protected.</param>
/// <param name="From">The sender's address.</param>
/// <param name="FromName">The sender's name for people; null if it has none.</param>
/// <param name="CredentialsSecret">
/// Secret in the operator's own namespace, with keys username and password; null to send without a login.
/// </param>
internal sealed record SmtpRelay(
    string Host, int Port, ConnectionSecurity Security, string From, string? FromName, string? CredentialsSecret)
{
    /// <summary>The CAs that may issue its certificate; empty for those of the system.</summary>
    public X509Certificate2Collection Authorities { get; init; } = [];

    /// <summary>
    /// The domains that links may be mailed to: <c>example.com</c>, <c>*.example.com</c> for those below it, <c>*</c>
    /// for any; empty for the domains of the mailboxes that are granted to a namespace.
    /// </summary>
    public IReadOnlyList<string> RecipientDomains { get; init; } = [];

    /// <summary>How many tries to mail a link a namespace has in an hour.</summary>
    public int MaxTriesPerHour { get; init; } = DefaultTriesPerHour;

    /// <summary>The default of <see cref="MaxTriesPerHour"/>: a team's new devices, and no mailing.</summary>
    public const int DefaultTriesPerHour = 30;

    /// <summary>For messages.</summary>
    public override string ToString() => $"{Host}:{Port}";
}
