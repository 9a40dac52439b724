using System.Collections.Concurrent;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Webhook;
using MailOperator.Tests;
using MailOperator.Tests.OpenApi;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Backends.Webhook;

/// <summary>The driver, and a mail system with scripted answers.</summary>
public abstract class ScriptedWebhook : IAsyncLifetime
{
    internal const string Token = "the-token-of-the-operator";
    internal const string Hash = "$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

    private const string EveryCapability =
        """{"version":1,"capabilities":["Protocols","SendRight","Networks","Expiry","ChosenPassword","LastUse"]}""";

    private LocalServer _server = null!;

    internal static SlotOwner Owner { get; } = new("one", "d1");

    internal static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal FakeTimeProvider Clock { get; } = new();

    /// <summary>Method and path with query of each request.</summary>
    internal ConcurrentQueue<string> Requests { get; } = new();

    internal WebhookBackend Backend { get; private set; } = null!;

    internal Dictionary<string, string> Secret { get; } = new() { ["token"] = Token };

    /// <summary>The scripted answer; without one, the answer of an empty mail system.</summary>
    internal Func<HttpContext, Task<bool>> Script { get; set; } = static _ => Task.FromResult(false);

    public async ValueTask InitializeAsync()
    {
        _server = await LocalServer.StartAsync(AnswerAsync);
        Backend = Make(Enum.GetValues<WebhookCapability>());
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Backend.DisposeAsync();
        await _server.DisposeAsync();
    }

    internal WebhookBackend Make(WebhookCapability[] capabilities) =>
        (WebhookBackend)new WebhookDriver(new GivenSecret(Secret), Clock).Create(new MailBackendSpec
        {
            Webhook = new WebhookSpec
            {
                Url = $"{_server.Url}base",
                AuthSecret = new ObjectReference { Name = "webhook" },
                Capabilities = capabilities,
            },
        });

    /// <summary>The client with this bound for a listing, in bytes.</summary>
    internal WebhookClient Client(long maxListing) => new(
        new WebhookSpec { Url = $"{_server.Url}base", AuthSecret = new ObjectReference { Name = "webhook" } },
        new WebhookCredentials(Token, null, null), new RetryAfterGate(Clock), Clock, maxListing);

    internal static Slot Slot(string selector = "abcdef") => new()
    {
        Owner = Owner,
        Selector = selector,
        Mailbox = "a@example.com",
        Hash = Hash,
        IssuedAt = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero),
        Restrictions = new SlotRestrictions
        {
            DeviceName = "shop/a",
            Protocols = [MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP],
        },
    };

    internal Task PutAsync(Slot slot) => Backend.ApplyAsync(new SlotChange(Owner, [slot], []), Cancellation);

    internal static async Task<bool> AnswerWithAsync(
        HttpContext call, int status, string body, string type = "application/json", string? tag = "\"1\"")
    {
        call.Response.StatusCode = status;
        if (tag is not null)
        {
            call.Response.Headers.ETag = tag;
        }

        if (body.Length > 0)
        {
            call.Response.ContentType = type;
            await call.Response.WriteAsync(body, Cancellation);
        }

        return true;
    }

    internal static Task<bool> ProblemAsync(HttpContext call, int status, string type, string detail) =>
        AnswerWithAsync(
            call, status, $$"""{"type":"{{type}}","title":"No","status":{{status}},"detail":"{{detail}}"}""",
            "application/problem+json");

    private async Task AnswerAsync(HttpContext call)
    {
        Requests.Enqueue($"{call.Request.Method} {call.Request.Path}{call.Request.QueryString}");
        if (await Script(call))
        {
            return;
        }

        _ = (call.Request.Method, call.Request.Path.Value!.Split('/')[^1]) switch
        {
            ("GET", "capabilities") => await AnswerWithAsync(call, 200, EveryCapability),
            ("GET", "devices") => await AnswerWithAsync(call, 200, """{"devices":[]}"""),
            ("GET", _) => await AnswerWithAsync(call, 200, """{"slots":[]}"""),
            _ => await AnswerWithAsync(call, 204, ""),
        };
    }
}
