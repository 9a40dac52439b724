using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailOperator.Backends;

/// <summary>Root certificates for a backend's server that replace those of the system.</summary>
internal static class CaBundle
{
    /// <summary>The certificates; none if there is no bundle.</summary>
    /// <param name="bundle">PEM.</param>
    /// <exception cref="CryptographicException">It holds no readable certificate.</exception>
    public static X509Certificate2Collection Read(byte[]? bundle)
    {
        var roots = new X509Certificate2Collection();
        if (bundle is not null)
        {
            roots.ImportFromPem(System.Text.Encoding.ASCII.GetString(bundle));
            if (roots.Count == 0)
            {
                throw new CryptographicException("The bundle holds no certificate.");
            }
        }

        return roots;
    }

    /// <summary>What is wrong with a bundle; null if nothing.</summary>
    public static string? Problem(byte[]? bundle)
    {
        try
        {
            _ = Read(bundle);
            return null;
        }
        catch (CryptographicException)
        {
            return "must hold certificates in PEM, encoded as base64";
        }
    }

    /// <summary>Accepts a server whose chain ends in one of the roots and whose certificate names the host.</summary>
    public static RemoteCertificateValidationCallback Verifier(X509Certificate2Collection roots) =>
        (_, certificate, chain, problems) =>
        {
            if (certificate is null || chain is null || problems.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            {
                return false;
            }

            using var verified = new X509Chain();
            verified.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            verified.ChainPolicy.CustomTrustStore.AddRange(roots);
            verified.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            foreach (X509ChainElement element in chain.ChainElements)
            {
                verified.ChainPolicy.ExtraStore.Add(element.Certificate);
            }

            return verified.Build(new X509Certificate2(certificate));
        };
}
