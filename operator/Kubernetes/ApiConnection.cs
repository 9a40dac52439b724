using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using k8s;

namespace MailOperator.Kubernetes;

/// <summary>Connects to the API server with TLS that is verified like that of every other server.</summary>
internal static class ApiConnection
{
    // With the same time for the answer it is less than the deadline of a call.
    private static readonly TimeSpan DefaultPingDelay = TimeSpan.FromSeconds(5);

    /// <param name="configuration">Address, authorities and credentials; its handler is set up here.</param>
    /// <param name="handlers">What sees each request.</param>
    public static k8s.Kubernetes Create(
        KubernetesClientConfiguration configuration, params DelegatingHandler[] handlers) =>
        Create(configuration, DefaultPingDelay, handlers);

    /// <param name="configuration">Address, authorities and credentials; its handler is set up here.</param>
    /// <param name="pingDelay">
    /// Silence after which the connection is tried, and again the time for the answer. Calls and watches share one
    /// connection: if its peer is gone without a word, they fail then, and the next ones open another.
    /// </param>
    /// <param name="handlers">What sees each request.</param>
    public static k8s.Kubernetes Create(
        KubernetesClientConfiguration configuration, TimeSpan pingDelay, params DelegatingHandler[] handlers)
    {
        X509Certificate2Collection authorities = configuration.SslCaCerts ?? [];
        SslClientAuthenticationOptions? tls = null;
        configuration.FirstMessageHandlerSetup = handler =>
        {
            handler.Proxy = CertificateDownloads.SystemProxy;
            handler.KeepAlivePingDelay = pingDelay;
            handler.KeepAlivePingTimeout = pingDelay;
            handler.EnableMultipleHttp2Connections = true; // more streams than the server takes on one
            tls = handler.SslOptions;
        };
        var client = new k8s.Kubernetes(configuration, handlers);
        // Afterwards, because the client sets a callback of its own, which accepts what the policy has let pass.
        if (tls is not null)
        {
            tls.CertificateChainPolicy = ServerCertificates.Policy(authorities);
            if (!configuration.SkipTlsVerify && authorities.Count > 0)
            {
                Trust(tls, authorities);
            }
        }

        return client;
    }

    // As for every client of Kubernetes, an authority of the configuration need not be a root.
    private static void Trust(SslClientAuthenticationOptions options, X509Certificate2Collection authorities)
    {
        X509ChainPolicy policy = options.CertificateChainPolicy!;
        policy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        policy.ExtraStore.AddRange(authorities);
        options.RemoteCertificateValidationCallback = (_, _, chain, problems) =>
            problems == SslPolicyErrors.None && chain is not null
            && chain.ChainElements.Any(element =>
                authorities.Any(authority => authority.RawDataMemory.Span.SequenceEqual(
                    element.Certificate.RawDataMemory.Span)));
    }
}
