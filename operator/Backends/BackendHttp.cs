using System.Security.Cryptography.X509Certificates;

namespace MailOperator.Backends;

/// <summary>How the operator speaks HTTP to mail systems: to the server that was named, and to no other.</summary>
internal static class BackendHttp
{
    /// <param name="roots">Certificates that the server is verified with; none means the system's.</param>
    public static SocketsHttpHandler Handler(X509Certificate2Collection? roots = null)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // the credentials are for this server
            UseProxy = false,
            UseCookies = false,
        };
        if (roots is { Count: > 0 })
        {
            handler.SslOptions.RemoteCertificateValidationCallback = CaBundle.Verifier(roots);
        }

        return handler;
    }

    /// <param name="handler">Disposed of with the client.</param>
    /// <param name="maxAnswer">Bytes of an answer that are read at most.</param>
    public static HttpClient Client(SocketsHttpHandler handler, int maxAnswer) => new(handler)
    {
        Timeout = Timeout.InfiniteTimeSpan, // each call has a deadline of its own
        MaxResponseContentBufferSize = maxAnswer,
    };

    /// <summary>Sends a request, unless the server asked to be left alone.</summary>
    /// <returns>The answer, all of it read.</returns>
    /// <exception cref="MailBackendException">There was none within its time, or the client went out of use.</exception>
    public static async Task<HttpResponseMessage> SendAsync(HttpClient http, HttpRequestMessage request, BackendCall call, CancellationToken cancellationToken)
    {
        call.Gate.ThrowIfClosed();
        using var silence = new CancellationTokenSource(call.Timeout, call.Clock);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
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
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw call.Unreachable(e);
        }
    }

    /// <summary>How long the server asks to be left alone, in seconds or until a date; null if it does not.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider clock) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - clock.GetUtcNow(),
        _ => null,
    };

    /// <summary>What is wrong with the address of a server; null if nothing.</summary>
    public static string? Problem(string url, string example) =>
        !Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) || parsed.Scheme is not ("http" or "https")
        || parsed.UserInfo.Length > 0 || parsed.Query.Length > 0 || parsed.Fragment.Length > 0
            ? $"'{Redacted(parsed, url)}' must be like {example}, without user, query or fragment"
            : null;

    // A password that was put into the URL against all advice is not repeated.
    private static string Redacted(Uri? url, string text) =>
        url is { UserInfo.Length: > 0 } ? url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) : text;
}
