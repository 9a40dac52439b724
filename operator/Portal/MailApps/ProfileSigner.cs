using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace MailOperator.Portal.MailApps;

/// <summary>
/// Signs Apple profiles (CMS, RFC 5652), so that a phone shows "Verified" and the organization. The certificate is
/// mounted, and read for every signature because cert-manager renews it in place.
/// </summary>
internal sealed class ProfileSigner(string? certificateFile, string? keyFile)
{
    /// <summary>The signed profile; without a certificate the profile itself.</summary>
    public byte[] Sign(byte[] profile)
    {
        if (certificateFile is not { Length: > 0 })
        {
            return profile;
        }

        using var certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificateFile);
        var signer = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, certificate)
        {
            DigestAlgorithm = new Oid("2.16.840.1.101.3.4.2.1"), // SHA-256
            IncludeOption = X509IncludeOption.EndCertOnly,
        };
        foreach (X509Certificate2 issuer in chain.Skip(1))
        {
            signer.Certificates.Add(issuer); // the phone needs the chain up to a trusted root
        }

        var message = new SignedCms(new ContentInfo(profile));
        message.ComputeSignature(signer);
        return message.Encode();
    }
}
