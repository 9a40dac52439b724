using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;

namespace MailOperator.Benchmarks.Bed;

/// <summary>The API server over HTTP/2, with an administrator's token and no logic: what it can do at most.</summary>
internal sealed class BareApi : IDisposable
{
    public const string Json = "application/json";
    public const string Merge = "application/merge-patch+json";
    public const string Patch = "application/json-patch+json";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly HttpClient _http;

    public BareApi(KubernetesClientConfiguration configuration)
    {
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(configuration.SslCaCerts);
        _http = new HttpClient(handler)
        {
            BaseAddress = new Uri(configuration.Host),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", configuration.AccessToken);
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue(Json));
    }

    /// <exception cref="HttpRequestException">The answer is not a success; the message holds what it says.</exception>
    public async Task<byte[]> SendAsync(
        HttpMethod method, string path, string? body = null, string type = Json, CancellationToken stop = default)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(Patience);
        using HttpResponseMessage response = await _http.SendAsync(request, deadline.Token);
        byte[] answer = await response.Content.ReadAsByteArrayAsync(deadline.Token);
        return response.IsSuccessStatusCode
            ? answer
            : throw new HttpRequestException(
                $"{method} {path}: {(int)response.StatusCode} {Encoding.UTF8.GetString(answer)}", null,
                response.StatusCode);
    }

    /// <summary>The lines of a watch. It ends when it is stopped.</summary>
    public async Task<Stream> OpenAsync(string path, CancellationToken stop) => await _http.GetStreamAsync(path, stop);

    public void Dispose() => _http.Dispose();
}
