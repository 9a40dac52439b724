using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Backends.Webhook;

/// <summary>The calls of the contract, with one set of credentials.</summary>
internal sealed class WebhookClient : IAsyncDisposable
{
    /// <summary>A call without an answer by then has failed.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    private const int DevicesPerPage = 500;
    private const int MaxConnections = 16;
    private const int MaxAnswer = 16 << 20;
    private const int MaxPages = 2000;

    private readonly string _url;
    private readonly AuthenticationHeaderValue? _token;
    private readonly RetryAfterGate _gate;
    private readonly TimeProvider _clock;
    private readonly WebhookAnswers _answers;
    private readonly HttpClient _http;
    private readonly long _maxListing;

    public WebhookClient(
        WebhookSpec spec,
        WebhookCredentials credentials,
        RetryAfterGate gate,
        TimeProvider clock,
        long? maxListing = null)
    {
        _maxListing = maxListing ?? AnswerBudget.OfMemory;
        _url = $"{spec.Url.TrimEnd('/')}/v1";
        _token = credentials.Token is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
        _gate = gate;
        _clock = clock;
        _answers = new WebhookAnswers(spec, gate, credentials.Token, clock);
        SocketsHttpHandler handler = BackendHttp.Handler(CaBundle.Read(spec.CaBundle));
        handler.ConnectTimeout = TimeSpan.FromSeconds(5);
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5); // the address of a name may change
        handler.MaxConnectionsPerServer = MaxConnections;
        handler.SslOptions.ClientCertificateContext = credentials.ClientCertificate();
        _http = BackendHttp.Client(handler, MaxAnswer);
    }

    public async Task<WebhookOffer> OfferAsync(CancellationToken cancellationToken)
    {
        (byte[] body, _) = await SendAsync(HttpMethod.Get, "/capabilities", HttpStatusCode.OK, cancellationToken);
        WebhookOffer offer = Parse<WebhookOffer>(body);
        return offer.Version == 1 ? offer : throw _answers.NotOfTheContract("it has another version");
    }

    /// <summary>The slots of a device, and the ETag of that state.</summary>
    public async Task<(ImmutableArray<Slot> Slots, EntityTagHeaderValue Tag)> GetAsync(
        SlotOwner owner, CancellationToken cancellationToken)
    {
        (byte[] body, EntityTagHeaderValue? tag) =
            await SendAsync(HttpMethod.Get, Path(owner), HttpStatusCode.OK, cancellationToken);
        ImmutableArray<Slot> slots = Read(() => WebhookSlot.ToSlots(Parse<WebhookSlots>(body).Slots, owner));
        return tag is { IsWeak: false }
            ? (slots, tag)
            : throw _answers.NotOfTheContract(
                "it has no strong ETag; see that no proxy in between removes or weakens it");
    }

    public async Task<IReadOnlyList<Slot>> ListAsync(string instance, CancellationToken cancellationToken)
    {
        var slots = new List<Slot>();
        string? from = null;
        var budget = new AnswerBudget(_maxListing);
        for (int pages = 0; pages < MaxPages; pages++)
        {
            string path = $"/instances/{Uri.EscapeDataString(instance)}/devices?limit={DevicesPerPage}"
                + (from is null ? "" : $"&continue={Uri.EscapeDataString(from)}");
            (byte[] body, _) = await SendAsync(HttpMethod.Get, path, HttpStatusCode.OK, cancellationToken);
            if (!budget.Take(body.Length))
            {
                throw _answers.NotOfTheContract($"the listing has more than {_maxListing >> 20} MiB over its pages");
            }

            WebhookPage page = Parse<WebhookPage>(body);
            slots.AddRange(Read(() => page.Devices.SelectMany(device => SlotsOf(device, instance)).ToList()));
            if (page.Continue is not { Length: > 0 } next)
            {
                return slots;
            }

            from = next != from ? next : throw _answers.NotOfTheContract("a page links to itself");
        }

        throw _answers.NotOfTheContract($"the listing has more than {MaxPages} pages");
    }

    /// <summary>Replaces the slots of a device; false if its state has changed since the tag.</summary>
    public async Task<bool> TryPutAsync(
        SlotOwner owner, IReadOnlyCollection<Slot> slots, EntityTagHeaderValue tag, CancellationToken cancellationToken)
    {
        WebhookSlot[] put = [.. slots.Select(WebhookSlot.Of)];
        using var request = new HttpRequestMessage(HttpMethod.Put, _url + Path(owner));
        request.Headers.IfMatch.Add(tag);
        request.Content = new ByteArrayContent(ApiJson.Serialize(new WebhookSlots { Slots = put }));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await SendAsync(request, cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.NoContent => true,
            HttpStatusCode.PreconditionFailed => false,
            _ => throw await FailureAsync(response, put, cancellationToken),
        };
    }

    public Task DeleteAsync(SlotOwner owner, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, Path(owner), HttpStatusCode.NoContent, cancellationToken);

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static ImmutableArray<Slot> SlotsOf(WebhookDevice? device, string instance) => device is null
        ? throw new JsonException("an element is null")
        : WebhookSlot.ToSlots(device.Slots, new SlotOwner(instance, device.DeviceUid));

    private static string Path(SlotOwner owner) =>
        $"/instances/{Uri.EscapeDataString(owner.Instance)}/devices/{Uri.EscapeDataString(owner.DeviceUid)}";

    private async Task<(byte[] Body, EntityTagHeaderValue? Tag)> SendAsync(
        HttpMethod method, string path, HttpStatusCode expected, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, _url + path);
        using HttpResponseMessage response = await SendAsync(request, cancellationToken);
        return response.StatusCode == expected
            ? (await response.Content.ReadAsByteArrayAsync(cancellationToken), response.Headers.ETag)
            : throw await FailureAsync(response, [], cancellationToken);
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = _token;
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("application/problem+json");
        return BackendHttp.SendAsync(
            _http, request, new BackendCall(_gate, CallTimeout, _clock, _answers.Unreachable), cancellationToken);
    }

    private async Task<MailBackendException> FailureAsync(
        HttpResponseMessage response, WebhookSlot[] slots, CancellationToken cancellationToken) =>
        _answers.Failure(response, await response.Content.ReadAsByteArrayAsync(cancellationToken), slots);

    private T Parse<T>(byte[] body) =>
        Read(() => ApiJson.Deserialize<T>(body) ?? throw new JsonException("it is null"));

    /// <summary>Reads an answer. A failure says where it is invalid, but does not quote it.</summary>
    private T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (JsonException e)
        {
            throw _answers.NotOfTheContract(
                e.Path is { Length: > 0 } path ? $"it is invalid at {path}" : "it is invalid");
        }
    }
}
