using System.Collections.Concurrent;
using MailOperator.Tests.OpenApi;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// A proxy between the operator and a server. Checks every request and response against the contract, and drops some on
/// request.
/// </summary>
internal sealed class ContractProxy : IAsyncDisposable
{
    private readonly OpenApiContract _contract;
    private readonly Uri _upstream;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private LocalServer? _server;

    private ContractProxy(OpenApiContract contract, Uri upstream)
    {
        _contract = contract;
        _upstream = upstream;
    }

    public Uri Url => new(_server!.Url, "mail-operator");

    public ConcurrentQueue<HttpExchange> Exchanges { get; } = new();

    /// <summary>Violations of the contract, by either side.</summary>
    public ConcurrentQueue<string> Violations { get; } = new();

    /// <summary>True for a request whose response is dropped.</summary>
    public Func<HttpRequest, bool> LosesAnswer { get; set; } = static _ => false;

    /// <summary>Changes the body of a response, to simulate another server.</summary>
    public Func<string, string>? Alters { get; set; }

    public static async Task<ContractProxy> StartAsync(OpenApiContract contract, Uri upstream)
    {
        var proxy = new ContractProxy(contract, upstream);
        proxy._server = await LocalServer.StartAsync(proxy.PassOnAsync);
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _http.Dispose();
    }

    private async Task PassOnAsync(HttpContext call)
    {
        using var body = new MemoryStream();
        await call.Request.Body.CopyToAsync(body, call.RequestAborted);
        string path = call.Features.Get<IHttpRequestFeature>()!.RawTarget
            .Replace("/mail-operator", "", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(call.Request.Method), new Uri(_upstream, path));
        request.Content = body.Length > 0 ? new ByteArrayContent(body.ToArray()) : null;
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues value) in call.Request.Headers.Where(
            static header => header.Key is not ("Host" or "Content-Length")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, value.ToArray()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, value.ToArray());
            }
        }

        try
        {
            // A server completes a request even if its client does not wait for it.
            using HttpResponseMessage response = await _http.SendAsync(request, CancellationToken.None);
            string answer = await response.Content.ReadAsStringAsync(CancellationToken.None);
            answer = Alters?.Invoke(answer) ?? answer;
            await JudgeAsync(call.Request, path, body.ToArray(), response, answer);
            if (LosesAnswer(call.Request))
            {
                call.Abort();
                return;
            }

            call.Response.StatusCode = (int)response.StatusCode;
            foreach ((string name, string value) in Headers(response).Where(
                static header => header.Key is not ("transfer-encoding" or "content-length" or "connection")))
            {
                call.Response.Headers[name] = value;
            }

            if (answer.Length > 0)
            {
                await call.Response.WriteAsync(answer, call.RequestAborted);
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            call.Abort();
        }
    }

    private async Task JudgeAsync(
        HttpRequest request, string path, byte[] body, HttpResponseMessage response, string answer)
    {
        var exchange = new HttpExchange(
            request.Method,
            path.Split('?')[0],
            [.. request.Query.SelectMany(
                static one => one.Value, static (one, value) => KeyValuePair.Create(one.Key, value ?? ""))],
            new HttpPart(request.Headers.ToDictionary(
                static header => header.Key.ToLowerInvariant(), static header => header.Value.ToString()), body),
            (int)response.StatusCode,
            new HttpPart(Headers(response), System.Text.Encoding.UTF8.GetBytes(answer)));
        Exchanges.Enqueue(exchange);
        foreach (string violation in await _contract.CheckAsync(exchange))
        {
            Violations.Enqueue(violation);
        }
    }

    private static Dictionary<string, string> Headers(HttpResponseMessage response) =>
        response.Headers.Concat(response.Content.Headers)
            .ToDictionary(
                static header => header.Key.ToLowerInvariant(), static header => string.Join(", ", header.Value));
}
