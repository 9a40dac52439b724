using System.Collections.Concurrent;
using System.Net;
using System.Text;
using k8s;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>A scripted API server: the real client and our real verbs, answered in the process.</summary>
internal sealed class FakeApi : DelegatingHandler
{
    private readonly ConcurrentQueue<Func<HttpRequestMessage, Task<HttpResponseMessage>>> _answers = new();
    private readonly ConcurrentQueue<(string Method, string PathAndQuery, string Body)> _requests = new();
    private readonly SemaphoreSlim _arrived = new(0);

    public static readonly ResourceType Things = new("example.com", "v1", "things", "Thing", IsNamespaced: true);

    /// <summary>Answers requests after the end of the script.</summary>
    public Func<HttpRequestMessage, Task<HttpResponseMessage>>? Default { get; set; }

    public IReadOnlyList<(string Method, string PathAndQuery, string Body)> Requests => [.. _requests];

    public KubernetesApi Connect(TimeProvider clock) =>
        new(new k8s.Kubernetes(new KubernetesClientConfiguration { Host = "http://127.0.0.1:1" }, this), clock);

    public FakeApi Answer(HttpStatusCode status, string body = "{}", string? retryAfter = null) => Answer(_ =>
    {
        var response = new HttpResponseMessage(status)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (retryAfter is not null)
        {
            response.Headers.Add("Retry-After", retryAfter);
        }

        return Task.FromResult(response);
    });

    public FakeApi Answer(Func<HttpRequestMessage, Task<HttpResponseMessage>> answer)
    {
        _answers.Enqueue(answer);
        return this;
    }

    /// <summary>A watch that sends these lines and then ends, or (with silence) stays open.</summary>
    public FakeApi Watch(string lines, bool thenSilence = false) =>
        Answer(request => Task.FromResult(Stream(lines, thenSilence)));

    public static HttpResponseMessage Stream(string lines, bool thenSilence) => new(HttpStatusCode.OK)
    {
        Content = new StreamContent(new LinesThenSilence(Encoding.UTF8.GetBytes(lines), thenSilence)),
    };

    /// <summary>Waits for this many requests in all.</summary>
    public async Task WaitForRequestsAsync(int count)
    {
        while (_requests.Count < count)
        {
            await _arrived.WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    public static string List(string version, params string[] items) =>
        $$"""{"metadata":{"resourceVersion":"{{version}}"},"items":[{{string.Join(',', items)}}]}""";

    public static string Thing(string name, string version, string uid = "uid", string rest = "") =>
        $$"""{"metadata":{{Metadata(name, version, uid)}}{{rest}}}""";

    private static string Metadata(string name, string version, string uid) =>
        $$"""{"namespace":"ns","name":"{{name}}","resourceVersion":"{{version}}","uid":"{{uid}}"}""";

    public static string Event(string type, string @object) => $$"""{"type":"{{type}}","object":{{@object}}}""" + "\n";

    public static string Bookmark(string version) =>
        Event("BOOKMARK", $$$"""{"metadata":{"resourceVersion":"{{{version}}}"}}""");

    public static string Status(int code, string reason, string message = "because") =>
        $$"""{"kind":"Status","code":{{code}},"reason":"{{reason}}","message":"{{message}}"}""";

    /// <summary>The server's answer to a JSON patch that does not apply.</summary>
    public const string FailedPatch =
        """{"kind":"Status","code":422,"reason":"Invalid","message":"because","details":{}}""";

    /// <summary>The server's answer to a resourceVersion that it does not know yet.</summary>
    public const string VersionTooLarge = """
        {
          "kind": "Status", "code": 504, "reason": "Timeout", "message": "because",
          "details": {"causes": [{"reason": "ResourceVersionTooLarge", "message": "because"}]}
        }
        """;

    /// <summary>The server's answer to a creation in a namespace that is being deleted.</summary>
    public const string NamespaceTerminating = """
        {
          "kind": "Status", "code": 403, "reason": "Forbidden", "message": "because",
          "details": {
            "name": "s", "kind": "secrets",
            "causes": [{"reason": "NamespaceTerminating", "field": "metadata.namespace"}]
          }
        }
        """;

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        bool hasAnswer = _answers.TryDequeue(out Func<HttpRequestMessage, Task<HttpResponseMessage>>? answer);
        _requests.Enqueue((request.Method.Method, request.RequestUri!.PathAndQuery, body));
        _arrived.Release();
        if (!hasAnswer)
        {
            answer = Default ?? throw new HttpRequestException("connection refused");
        }

        return await answer!(request).WaitAsync(cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        _arrived.Dispose();
        base.Dispose(disposing);
    }

    private sealed class LinesThenSilence(byte[] bytes, bool thenSilence) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = Read(buffer.Span);
            if (read == 0 && thenSilence)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }

            return read;
        }
    }
}
