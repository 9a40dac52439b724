using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using k8s;
using MailOperator.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>An API server that speaks TLS with HTTP/2 and HTTP/1.1 on loopback, and notes which connection was used.
/// </summary>
internal sealed class Http2Server : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly X509Certificate2 _certificate = Certificate();
    private readonly ConcurrentQueue<(string Path, string Protocol, string Connection)> _requests = new();
    private readonly CancellationTokenSource _end = new();

    public Http2Server()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
            options.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(_certificate);
            }));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public IReadOnlyList<(string Path, string Protocol, string Connection)> Requests => [.. _requests];

    public int Port => new Uri(_app.Urls.First()).Port;

    public Task StartAsync() => _app.StartAsync();

    /// <param name="port">The server's own, or that of something before it.</param>
    public KubernetesApi Connect(int port) => new(
        ApiConnection.Create(
            new KubernetesClientConfiguration
            {
                Host = $"https://localhost:{port}",
                SslCaCerts = [X509CertificateLoader.LoadCertificate(_certificate.RawData)],
            },
            TimeSpan.FromSeconds(1)),
        TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _app.DisposeAsync();
        _certificate.Dispose();
        _end.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        _requests.Enqueue((context.Request.Path, context.Request.Protocol, context.Connection.Id));
        if (!context.Request.Query.ContainsKey("watch"))
        {
            await context.Response.WriteAsync("{}");
            return;
        }

        try
        {
            // More than any window, so that a reader that stops makes the stream stall.
            string rest = $",\"spec\":\"{new string('x', 50_000)}\"";
            string line = FakeApi.Event("ADDED", FakeApi.Thing("a", "1", rest: rest));
            while (!_end.IsCancellationRequested)
            {
                await context.Response.WriteAsync(line, _end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
    }
}
