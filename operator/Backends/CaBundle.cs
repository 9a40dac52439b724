using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailOperator.Backends;

/// <summary>Root certificates for a backend's server that replace those of the system.</summary>
internal static class CaBundle
{
    // Each pass over a device asks, and the certificates of a whole system take 30 ms. The bytes of a watched object
    // never change.
    private static readonly ConditionalWeakTable<byte[], StrongBox<bool>> Readable = [];

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
    public static string? Problem(byte[]? bundle) =>
        bundle is null || Readable.GetValue(bundle, static bytes => new StrongBox<bool>(CanRead(bytes))).Value
            ? null
            : "must hold certificates in PEM, encoded as base64";

    private static bool CanRead(byte[] bundle)
    {
        try
        {
            _ = Read(bundle);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
