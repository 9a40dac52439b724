using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace MailOperator.Benchmarks.Bed;

/// <summary>
/// A TLS proxy in front of the API server that answers later, or refuses a share of the calls with 429 as API priority
/// and fairness does. Watches are passed on as they come.
/// </summary>
internal sealed class ApiProxy : IAsyncDisposable
{
    private static readonly string[] HopByHop = ["Connection", "Transfer-Encoding", "Keep-Alive", "Host"];

    private readonly WebApplication _server;
    private readonly HttpMessageInvoker _upstream;
    private readonly Uri _target;
    private long _calls;

    private ApiProxy(KubernetesClientConfiguration configuration, X509Certificate2 certificate)
    {
        _target = new Uri(configuration.Host);
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true, UseCookies = false };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(configuration.SslCaCerts);
        _upstream = new HttpMessageInvoker(handler);
        Authority = certificate.ExportCertificatePem();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
        {
            options.Limits.MaxRequestBodySize = null;
            options.Limits.Http2.MaxStreamsPerConnection = 1000;
            options.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(certificate);
            });
        });
        _server = builder.Build();
        _server.Run(PassAsync);
    }

    /// <summary>The certificate that verifies it, in PEM.</summary>
    public string Authority { get; }

    public Uri Address { get; private set; } = new("https://127.0.0.1");

    /// <summary>How much later each call is answered.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Every so many-th call is refused, with Retry-After of a second; 0 for none.</summary>
    public int RefuseEvery { get; set; }

    public static async Task<ApiProxy> StartAsync(KubernetesClientConfiguration configuration)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=slow-api-server", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var proxy = new ApiProxy(
            configuration, X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), password: null));
        await proxy._server.StartAsync();
        proxy.Address = new Uri(proxy._server.Urls.First());
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _server.StopAsync(soon.Token);
        await _server.DisposeAsync();
        _upstream.Dispose();
    }

    private async Task PassAsync(HttpContext context)
    {
        long call = Interlocked.Increment(ref _calls);
        bool isLease = context.Request.Path.Value?.Contains("/leases", StringComparison.Ordinal) is true;
        if (!isLease && RefuseEvery > 0 && call % RefuseEvery == 0)
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = "1";
            await context.Response.WriteAsJsonAsync(
                new { kind = "Status", apiVersion = "v1", status = "Failure", reason = "TooManyRequests", code = 429 });
            return;
        }

        if (Delay > TimeSpan.Zero)
        {
            await Task.Delay(Delay, TimeProvider.System, context.RequestAborted);
        }

        using HttpRequestMessage request = Upstream(context.Request);
        using HttpResponseMessage response = await _upstream.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach ((string name, IEnumerable<string> values) in response.Headers.Concat(response.Content.Headers)
            .Where(static header => !HopByHop.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        await using Stream body = await response.Content.ReadAsStreamAsync(context.RequestAborted);
        byte[] buffer = new byte[64 << 10];
        await context.Response.StartAsync(context.RequestAborted);
        while (await body.ReadAsync(buffer, context.RequestAborted) is > 0 and var count)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, count), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private HttpRequestMessage Upstream(HttpRequest from)
    {
        var request = new HttpRequestMessage(
            new HttpMethod(from.Method),
            new Uri(_target, from.Path.ToUriComponent() + from.QueryString.ToUriComponent()))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (from.ContentLength > 0 || from.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(from.Body);
        }

        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in from.Headers
            .Where(static header => !HopByHop.Contains(header.Key, StringComparer.OrdinalIgnoreCase)
                && !header.Key.StartsWith(':')))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }

        return request;
    }
}
