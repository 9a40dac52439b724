using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailOperator.Backends.Webhook;

/// <summary>
/// The operator's credentials at the mail system: a bearer token, a certificate with its key in PEM, or both.
/// </summary>
internal sealed record WebhookCredentials(string? Token, string? Certificate, string? Key)
{
    /// <summary>The certificate with its chain and key; null if there is none.</summary>
    /// <exception cref="CryptographicException">It is not a certificate.</exception>
    /// <exception cref="ArgumentException">The key belongs to another certificate.</exception>
    public SslStreamCertificateContext? ClientCertificate()
    {
        if (Certificate is null)
        {
            return null;
        }

        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(Certificate);
        // Offline: the operator must not fetch URLs of the issuer from a certificate.
        return SslStreamCertificateContext.Create(
            X509Certificate2.CreateFromPem(Certificate, Key), chain, offline: true);
    }

    /// <summary>A record would print all of it.</summary>
    public override string ToString() => nameof(WebhookCredentials);
}
