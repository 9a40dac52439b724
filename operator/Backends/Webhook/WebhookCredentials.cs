using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailOperator.Backends.Webhook;

/// <summary>Who the operator is at the mail system: a bearer token, a certificate with its key in PEM, or both.</summary>
internal sealed record WebhookCredentials(string? Token, string? Certificate, string? Key)
{
    /// <summary>The certificate with its chain and key; null if there is none.</summary>
    /// <exception cref="CryptographicException">It is no certificate.</exception>
    /// <exception cref="ArgumentException">The key is another one's.</exception>
    public SslStreamCertificateContext? ClientCertificate()
    {
        if (Certificate is null)
        {
            return null;
        }

        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(Certificate);
        // Offline: the issuer's addresses in a certificate are not for the operator to go to.
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(Certificate, Key), chain, offline: true);
    }

    /// <summary>A record would print all of it.</summary>
    public override string ToString() => nameof(WebhookCredentials);
}
