using System.Security.Cryptography.X509Certificates;
using MailOperator.Kubernetes;

namespace MailOperator.Backends;

/// <summary>
/// How the operator calls mail systems over HTTP: only the configured server, without redirects or proxies.
/// </summary>
internal static class BackendHttp
{
    /// <param name="roots">Certificates that the server is verified with; none means those of the system.</param>
    public static SocketsHttpHandler Handler(X509Certificate2Collection? roots = null)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // the credentials are for this server only
            UseProxy = false,
            UseCookies = false,
        };
        handler.SslOptions.CertificateChainPolicy = ServerCertificates.Policy(roots);
        return handler;
    }

    /// <param name="handler">Disposed with the client.</param>
    /// <param name="maxAnswer">Maximum size of an answer, in bytes.</param>
    public static HttpClient Client(SocketsHttpHandler handler, int maxAnswer) => new(handler)
    {
        Timeout = Timeout.InfiniteTimeSpan, // each call has its own deadline
        MaxResponseContentBufferSize = maxAnswer,
    };

    /// <summary>Sends a request, unless the server's Retry-After still applies.</summary>
    /// <returns>The answer, with its content read.</returns>
    /// <exception cref="MailBackendException">There was no answer in time, or the client was replaced.</exception>
    public static async Task<HttpResponseMessage> SendAsync(
        HttpClient http, HttpRequestMessage request, BackendCall call, CancellationToken cancellationToken)
    {
        call.Gate.ThrowIfClosed();
        using var timeout = new CancellationTokenSource(call.Timeout, call.Clock);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            HttpResponseMessage response = await http.SendAsync(request, deadline.Token);
            if (response.IsSuccessStatusCode)
            {
                call.Gate.Succeeded();
            }

            return response;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && (e is ObjectDisposedException || (e is OperationCanceledException && !deadline.IsCancellationRequested)))
        {
            throw MailBackendException.SettingsChanged(e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw call.Unreachable(e);
        }
    }

    /// <summary>The delay that Retry-After asks for, given in seconds or as a date; null if there is none.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider clock) =>
        response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - clock.GetUtcNow(),
            _ => null,
        };

    /// <summary>What is wrong with a server's URL; null if nothing.</summary>
    public static string? Problem(string url, string example) =>
        !Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) || parsed.Scheme is not ("http" or "https")
        || parsed.UserInfo.Length > 0 || parsed.Query.Length > 0 || parsed.Fragment.Length > 0
            ? $"'{Redacted(parsed, url)}' must be like {example}, without user, query or fragment"
            : null;

    // Do not repeat a password that was put into the URL.
    private static string Redacted(Uri? url, string text) =>
        url is { UserInfo.Length: > 0 } ? url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) : text;
}
