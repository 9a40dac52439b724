using System.Net;

namespace MailOperator.Kubernetes;

/// <summary>
/// Keeps .NET from fetching what a certificate names (AIA, CRL, OCSP). A chain policy says so wherever a library takes
/// one; MySqlConnector does not, and verifies a chain without one. .NET fetches by plain HTTP, over the default proxy,
/// and no client of this product uses that proxy for plain HTTP. So it leads nowhere.
/// </summary>
internal sealed class CertificateDownloads : IWebProxy
{
    private static readonly Uri Nowhere = new("refused://no.certificate.is.fetched");

    private readonly IWebProxy _system;

    private CertificateDownloads(IWebProxy system)
    {
        _system = system;
    }

    /// <summary>The proxy of the environment (HTTPS_PROXY), for the connection to the API server.</summary>
    public static IWebProxy SystemProxy =>
        HttpClient.DefaultProxy is CertificateDownloads refusing ? refusing._system : HttpClient.DefaultProxy;

    public ICredentials? Credentials
    {
        get => _system.Credentials;
        set => _system.Credentials = value;
    }

    /// <summary>Forbids them in this process, from now on.</summary>
    public static void Refuse() => HttpClient.DefaultProxy = Around(SystemProxy);

    /// <summary>The proxy that refuses them and leads everything else where the other one does.</summary>
    public static CertificateDownloads Around(IWebProxy system) => new(system);

    public Uri? GetProxy(Uri destination) =>
        destination.Scheme == Uri.UriSchemeHttp ? Nowhere : _system.GetProxy(destination);

    public bool IsBypassed(Uri host) => host.Scheme != Uri.UriSchemeHttp && _system.IsBypassed(host);
}
