using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailOperator.Kubernetes;

/// <summary>
/// How the certificate of every server is verified: it is for servers (RFC 5280, extended key usage, if it has one),
/// its chain ends in a trusted root, and nothing is fetched from an address that stands in a certificate, because
/// whoever answers the connection wrote it.
/// </summary>
internal static class ServerCertificates
{
    /// <summary>The extended key usage of servers, <c>serverAuth</c>.</summary>
    public const string ServerUse = "1.3.6.1.5.5.7.3.1";

    private const string NotForServers =
        "it is not for servers: its extended key usage lacks serverAuth; issue one that has it";

    /// <summary>A policy for one client.</summary>
    /// <param name="roots">The trusted roots; none or null means those of the system.</param>
    public static X509ChainPolicy Policy(X509Certificate2Collection? roots = null)
    {
        var policy = new X509ChainPolicy
        {
            DisableCertificateDownloads = true,
            RevocationMode = X509RevocationMode.NoCheck, // it would be asked at an address in the certificate
        };
        policy.ApplicationPolicy.Add(new Oid(ServerUse));
        if (roots is { Count: > 0 })
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(roots);
        }

        return policy;
    }

    /// <summary>For a library that takes no policy: verifies again, by the policy.</summary>
    /// <param name="roots">The trusted roots; none means those of the system.</param>
    /// <exception cref="AuthenticationException">Of the callback: why the certificate is not accepted.</exception>
    public static RemoteCertificateValidationCallback Verifier(X509Certificate2Collection roots) =>
        (_, certificate, chain, problems) =>
        {
            if (certificate is null || chain is null)
            {
                throw new AuthenticationException("It presents no certificate.");
            }

            if (problems.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            {
                throw new AuthenticationException("The certificate is for another name.");
            }

            using var verified = new X509Chain { ChainPolicy = Policy(roots) };
            foreach (X509ChainElement element in chain.ChainElements)
            {
                verified.ChainPolicy.ExtraStore.Add(element.Certificate);
            }

            using var server = new X509Certificate2(certificate);
            return verified.Build(server)
                ? true
                : throw new AuthenticationException(
                    "The certificate is invalid: "
                    + string.Join(", ", verified.ChainStatus.Select(static status => status.Status).Distinct()) + ".");
        };

    /// <summary>Why a TLS connection failed, as a sentence.</summary>
    public static string Words(AuthenticationException failure) =>
        failure.Message.Contains(nameof(X509ChainStatusFlags.NotValidForUsage), StringComparison.Ordinal)
            ? $"{char.ToUpperInvariant(NotForServers[0])}{NotForServers[1..]}."
            : failure.Message;

    /// <summary>Why it is not the certificate of a server, as a clause; null if it can be one.</summary>
    public static string? UseProblem(X509Certificate? certificate)
    {
        if (certificate is null)
        {
            return null;
        }

        using var parsed = new X509Certificate2(certificate);
        return parsed.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(static use =>
            !use.EnhancedKeyUsages.Cast<Oid>().Any(static one => one.Value == ServerUse))
            ? NotForServers
            : null;
    }
}
