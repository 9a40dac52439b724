using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using MailOperator.Tests.OpenApi;
using Microsoft.AspNetCore.Http;

namespace MailOperator.Tests.Infomaniak;

/// <summary>
/// Infomaniak's API of devices on loopback, as in <c>tests/recorded/infomaniak-devices-openapi.json</c>, an extract of
/// the description that Infomaniak publishes. Every request and answer is checked against that file. Status codes that
/// it does not name for an operation (401, 404, 429, 501) use its envelope of errors. It can fail, stall, and give
/// wrong or no answers.
/// </summary>
internal sealed class InfomaniakServer : IAsyncDisposable
{
    public const string Token = "the-token-of-the-hosting";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _clock;
    private readonly InfomaniakApi _api;
    private readonly Queue<DateTimeOffset> _recent = new();
    private readonly Lock _gate = new();
    private LocalServer? _server;

    private InfomaniakServer(TimeProvider clock, string domain)
    {
        _clock = clock;
        Hosting = new InfomaniakHosting(clock, domain);
        _api = new InfomaniakApi(Hosting);
    }

    public static OpenApiContract Contract { get; } =
        OpenApiContract.Load(Repository.Path("tests", "recorded", "infomaniak-devices-openapi.json"));

    public Uri Url => _server!.Url;

    public InfomaniakHosting Hosting { get; }

    public ConcurrentQueue<HttpExchange> Exchanges { get; } = new();

    /// <summary>Violations of the description, which are always errors of the driver or of this server.</summary>
    public ConcurrentQueue<string> Violations { get; } = new();

    /// <summary>Requests in the fullest minute so far.</summary>
    public int MaxPerMinute { get; private set; }

    /// <summary>
    /// The rate limit per minute; further requests get 429 with Retry-After. The live service has 60.
    /// </summary>
    public int LimitPerMinute { get; set; } = int.MaxValue;

    /// <summary>The fault of a request; null for none.</summary>
    public Func<HttpRequest, InfomaniakFault?> Fault { get; set; } = static _ => null;

    public static async Task<InfomaniakServer> StartAsync(TimeProvider? clock = null, string domain = "example.com")
    {
        var server = new InfomaniakServer(clock ?? TimeProvider.System, domain);
        server._server = await LocalServer.StartAsync(server.AnswerAsync);
        return server;
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private async Task AnswerAsync(HttpContext call)
    {
        using var reader = new StreamReader(call.Request.Body);
        string body = await reader.ReadToEndAsync(call.RequestAborted);
        InfomaniakFault? fault = Counted() is { } wait ? InfomaniakFault.TooMany(wait) : Fault(call.Request);
        (int status, string text) = fault is { IsApplied: false } ? (0, "") : Carried(call.Request, body);
        if (fault is { HangsUp: true })
        {
            call.Abort();
            return;
        }

        if (fault is { IsStalled: true })
        {
            var end = new TaskCompletionSource();
            await using CancellationTokenRegistration registration = call.RequestAborted.Register(end.SetResult);
            await end.Task;
            return;
        }

        if (fault is not null)
        {
            (status, text) = (fault.Status ?? status, fault.Body ?? Envelope(fault.Result, fault.Code));
        }

        if (fault?.RetryAfter is { } retryAfter)
        {
            call.Response.Headers.RetryAfter = $"{Math.Ceiling(retryAfter.TotalSeconds)}";
        }

        await JudgeAsync(call.Request, body, status, text, isLie: fault?.Body is not null);
        call.Response.StatusCode = status;
        call.Response.ContentType = "application/json";
        await call.Response.WriteAsync(text, call.RequestAborted);
    }

    private (int Status, string Text) Carried(HttpRequest request, string body)
    {
        if (request.Headers.Authorization != $"Bearer {Token}")
        {
            return (401, Envelope("error", "not_authorized"));
        }

        try
        {
            JsonObject answer = _api.Answer(request, body);
            answer["result"] = "success";
            return (200, answer.ToJsonString());
        }
        catch (InfomaniakRefusal refusal)
        {
            return (refusal.Status, Envelope("error", refusal.Code));
        }
    }

    /// <summary>Counts a request. Returns how long to wait if the limit is reached.</summary>
    private TimeSpan? Counted()
    {
        lock (_gate)
        {
            DateTimeOffset now = _clock.GetUtcNow();
            while (_recent.TryPeek(out DateTimeOffset oldest) && now - oldest >= Minute)
            {
                _recent.Dequeue();
            }

            _recent.Enqueue(now);
            MaxPerMinute = Math.Max(MaxPerMinute, _recent.Count);
            return _recent.Count > LimitPerMinute ? _recent.Peek() + Minute - now : null;
        }
    }

    private async Task JudgeAsync(HttpRequest request, string body, int status, string text, bool isLie)
    {
        var exchange = new HttpExchange(
            request.Method,
            request.Path.Value!,
            [.. request.Query.SelectMany(
                static one => one.Value, static (one, value) => KeyValuePair.Create(one.Key, value ?? ""))],
            new HttpPart(request.Headers.ToDictionary(
                static header => header.Key.ToLowerInvariant(),
                static header => header.Value.ToString()), Encoding.UTF8.GetBytes(body)),
            status,
            new HttpPart(
                new Dictionary<string, string> { ["content-type"] = "application/json" },
                Encoding.UTF8.GetBytes(text)));
        Exchanges.Enqueue(exchange);
        foreach (string violation in await Contract.CheckAsync(exchange))
        {
            if (!violation.EndsWith("the status is not known", StringComparison.Ordinal)
                && !(isLie && violation.Contains("the answer", StringComparison.Ordinal)))
            {
                Violations.Enqueue(violation);
            }
        }
    }

    private static string Envelope(string result, string? code)
    {
        var envelope = new JsonObject { ["result"] = result };
        if (code is not null)
        {
            envelope["error"] = new JsonObject
            {
                ["code"] = code,
                ["description"] = "Something wrong, additional information about the error code",
            };
        }

        return envelope.ToJsonString();
    }
}
