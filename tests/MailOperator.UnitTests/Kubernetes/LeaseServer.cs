using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using k8s;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>
/// An API server that keeps one Lease, writes only over the version that was read, and hangs when it is told to.
/// </summary>
internal sealed class LeaseServer(SteppedClock clock) : DelegatingHandler
{
    private readonly ConcurrentQueue<Func<HttpRequestMessage, HttpResponseMessage?>> _script = new();
    private readonly ConcurrentQueue<(string Holder, DateTimeOffset At)> _writes = new();
    private TaskCompletionSource _released = new();
    private int _hanging;
    private int _version;

    public JsonObject? Lease { get; private set; }

    /// <summary>Requests of this method are not answered until <see cref="LetGo"/>; "" is every request.</summary>
    public string? HangOn { get; set; }

    public int Hanging => Volatile.Read(ref _hanging);

    public IReadOnlyList<(string Holder, DateTimeOffset At)> Writes => [.. _writes];

    public string Holder => (string)Lease!["spec"]!["holderIdentity"]!;

    public KubernetesApi Connect() =>
        new(new k8s.Kubernetes(new KubernetesClientConfiguration { Host = "http://127.0.0.1:1" }, this), clock);

    /// <summary>Answers the next request so; null answers it as usual, after what the script did.</summary>
    public LeaseServer Next(Func<HttpRequestMessage, HttpResponseMessage?> answer)
    {
        _script.Enqueue(answer);
        return this;
    }

    public LeaseServer Next(HttpStatusCode code, string body) => Next(_ => Reply(code, body));

    /// <summary>Somebody else writes the lease.</summary>
    public void Put(string holder, string renewTime = "2026-11-24T12:00:00.000000Z", int duration = 15) =>
        Lease = new JsonObject
        {
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["kind"] = "Lease",
            ["metadata"] = new JsonObject
            {
                ["name"] = "mail-operator",
                ["namespace"] = "mail-operator",
                ["resourceVersion"] = $"{++_version}",
            },
            ["spec"] = new JsonObject
            {
                ["holderIdentity"] = holder,
                ["leaseDurationSeconds"] = duration,
                ["renewTime"] = renewTime,
            },
        };

    public void LetGo()
    {
        HangOn = null;
        Interlocked.Exchange(ref _released, new TaskCompletionSource()).SetResult();
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (HangOn is { } method && (method.Length == 0 || method == request.Method.Method))
        {
            await HangAsync(cancellationToken);
        }

        if (_script.TryDequeue(out Func<HttpRequestMessage, HttpResponseMessage?>? answer)
            && answer(request) is { } scripted)
        {
            return scripted;
        }

        if (request.Method == HttpMethod.Get)
        {
            return Lease is null
                ? Reply(HttpStatusCode.NotFound, FakeApi.Status(404, "NotFound"))
                : Reply(HttpStatusCode.OK, Lease.ToJsonString());
        }

        JsonObject sent = JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!.AsObject();
        if ((string?)sent["metadata"]!["resourceVersion"] != (string?)Lease?["metadata"]!["resourceVersion"])
        {
            return Reply(HttpStatusCode.Conflict, FakeApi.Status(409, "Conflict"));
        }

        sent["metadata"]!["resourceVersion"] = $"{++_version}";
        Lease = sent;
        _writes.Enqueue((Holder, clock.GetUtcNow()));
        return Reply(HttpStatusCode.OK, sent.ToJsonString());
    }

    private async Task HangAsync(CancellationToken cancellationToken)
    {
        Task released = _released.Task;
        Interlocked.Increment(ref _hanging);
        int isOver = 0;
        await using CancellationTokenRegistration cut = cancellationToken.Register(End); // within the step that cuts it
        try
        {
            await released.WaitAsync(cancellationToken);
        }
        finally
        {
            End();
        }

        void End()
        {
            if (Interlocked.Exchange(ref isOver, 1) == 0)
            {
                Interlocked.Decrement(ref _hanging);
            }
        }
    }

    private static HttpResponseMessage Reply(HttpStatusCode code, string body) =>
        new(code) { Content = new StringContent(body) };
}
