using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using k8s;
using MailOperator.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes.Hostile;

/// <summary>
/// An API server on a socket that fails on command: versions, optimistic locking, finalizers, /status, lists in
/// pages, watches with bookmarks. It knows no clock: a watch ends only when it is told to.
/// </summary>
internal sealed class HostileApiServer : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<ApiRequest> _requests = [];
    private readonly Dictionary<string, Queue<Fault>> _script = [];
    private readonly List<k8s.Kubernetes> _clients = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly WebApplication _app;
    private TaskCompletionSource<Break> _breaking = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<RequestsUnderWay> _underWay = [];
    private int _openWatches;
    private int _silent;

    private HostileApiServer(WebApplication app)
    {
        _app = app;
        app.Run(HandleAsync);
    }

    public HostileStore Store { get; } = new();

    /// <summary>How a watch from a forgotten version is refused.</summary>
    public Fault GoneAs { get; set; } = Fault.GoneEvent;

    /// <summary>Watches whose clients have not hung up, silent ones too.</summary>
    public int OpenWatches => Volatile.Read(ref _openWatches);

    /// <summary>Whether an answer is on its way; one that is withheld is not.</summary>
    public bool IsBusy => _underWay.Sum(static client => client.Count) > Volatile.Read(ref _silent);

    public IReadOnlyList<ApiRequest> Requests
    {
        get
        {
            lock (_gate)
            {
                return [.. _requests];
            }
        }
    }

    public static async Task<HostileApiServer> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new HostileApiServer(builder.Build());
        await server._app.StartAsync();
        return server;
    }

    public KubernetesApi Connect(TimeProvider clock)
    {
        var underWay = new RequestsUnderWay();
        var client = new k8s.Kubernetes(new KubernetesClientConfiguration { Host = _app.Urls.Single() }, underWay);
        _clients.Add(client);
        _underWay.Add(underWay);
        return new KubernetesApi(client, clock);
    }

    /// <summary>
    /// Lets time pass in steps until the condition holds, and returns how much had to pass. While an answer is on its
    /// way time stands still, or a busy machine would look like a slow server.
    /// </summary>
    public Task<TimeSpan> AdvanceAsync(
        FakeTimeProvider clock, TimeSpan step, Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        Until.IsSoAsync(clock, step, condition, () => IsBusy, what);

    public int Count(string verb) => Requests.Count(request => request.Verb == verb);

    /// <summary>Lets the next requests with this verb go wrong, one after the other.</summary>
    public HostileApiServer Fail(string verb, params Fault[] faults)
    {
        lock (_gate)
        {
            Queue<Fault> script = _script.TryGetValue(verb, out Queue<Fault>? known) ? known : _script[verb] = new();
            foreach (Fault fault in faults)
            {
                script.Enqueue(fault);
            }
        }

        return this;
    }

    /// <summary>Lets the watches under way go wrong. One that was silenced can be broken again, and has missed what came between.</summary>
    public void BreakWatches(Fault fault)
    {
        lock (_gate)
        {
            TaskCompletionSource<Break> broken = _breaking;
            _breaking = new TaskCompletionSource<Break>(TaskCreationOptions.RunContinuationsAsynchronously);
            broken.SetResult(new Break(fault, Store.Version, _breaking.Task));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (k8s.Kubernetes client in _clients)
        {
            client.Dispose();
        }

        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        ApiRequest request = await ApiRequest.ReadAsync(context.Request);
        Fault? fault = null;
        lock (_gate)
        {
            if (_script.TryGetValue(request.Verb, out Queue<Fault>? script) && script.TryDequeue(out Fault next) && next is not Fault.None)
            {
                fault = next;
            }

            _requests.Add(request);
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token);
        try
        {
            await AnswerAsync(context, request, fault, ended.Token);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private async Task AnswerAsync(HttpContext context, ApiRequest request, Fault? fault, CancellationToken ended)
    {
        switch (fault)
        {
            case Fault.Silence:
                await BeSilentAsync(ended);
                break;
            case Fault.Reset:
                Reset(context);
                break;
            case Fault.LostResponse:
                HostileVerbs.Answer(Store, request);
                Reset(context);
                break;
            case null when request.Verb == "watch":
                await WatchAsync(context, request, ended);
                break;
            case Fault.GoneEvent or Fault.EndOfStream or Fault.BrokenLine or Fault.ForeignLine:
                context.Response.ContentType = "application/json";
                await BreakAsync(context, fault.Value, ended);
                break;
            default:
                (HttpStatusCode status, string answer) = fault is { } refusal ? HostileVerbs.Refuse(request, refusal) : HostileVerbs.Answer(Store, request);
                context.Response.StatusCode = (int)status;
                context.Response.ContentType = "application/json";
                if (fault is Fault.Throttled)
                {
                    context.Response.Headers.RetryAfter = "1";
                }

                await context.Response.WriteAsync(answer, ended);
                break;
        }
    }

    private async Task WatchAsync(HttpContext context, ApiRequest request, CancellationToken ended)
    {
        long position = long.Parse(request.Query["resourceVersion"]!, CultureInfo.InvariantCulture);
        context.Response.ContentType = "application/json";
        if (Store.IsCompacted(position))
        {
            await AnswerAsync(context, request, GoneAs, ended);
            return;
        }

        Task<Break> breaking = NextBreak();
        Interlocked.Increment(ref _openWatches);
        try
        {
            await context.Response.StartAsync(ended);
            await TellAsync(context, request, position, breaking, ended);
            Break broken = await breaking;
            while (broken.Fault is Fault.Silence)
            {
                broken = await broken.Next.WaitAsync(ended);
            }

            await BreakAsync(context, broken.Fault, ended);
        }
        finally
        {
            Interlocked.Decrement(ref _openWatches);
        }
    }

    /// <summary>Sends what happens, up to the break and nothing of what comes after it.</summary>
    private async Task TellAsync(HttpContext context, ApiRequest request, long position, Task<Break> breaking, CancellationToken ended)
    {
        while (true)
        {
            Task news = Store.News;
            IReadOnlyList<LoggedEvent> events = Store.EventsAfter(position, request.Path);
            long last = breaking.IsCompletedSuccessfully ? (await breaking).Version : long.MaxValue;
            foreach (LoggedEvent logged in events.Where(logged => logged.Version <= last))
            {
                position = logged.Version;
                await context.Response.WriteAsync(HostileVerbs.Line(logged.Type, HostileVerbs.Shown(request, logged.Object)), ended);
            }

            await context.Response.Body.FlushAsync(ended);
            if (last < long.MaxValue)
            {
                return;
            }

            await Task.WhenAny(news, breaking).WaitAsync(ended);
        }
    }

    private static async Task BreakAsync(HttpContext context, Fault fault, CancellationToken ended)
    {
        switch (fault)
        {
            case Fault.Reset:
                Reset(context);
                break;
            case Fault.GoneEvent:
                // The library's own watch goes on after an ERROR event: so does this stream.
                await context.Response.WriteAsync(HostileVerbs.Line("ERROR", JsonNode.Parse(HostileVerbs.Status(HttpStatusCode.Gone, "Expired", "too old"))!), ended);
                await context.Response.Body.FlushAsync(ended);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ended);
                break;
            case Fault.BrokenLine:
                await context.Response.WriteAsync("{\"type\":\"MODIFIED\",\"object\":{\"meta", ended);
                break;
            case Fault.ForeignLine:
                await context.Response.WriteAsync("{\"message\":\"upstream request timeout\"}\n", ended);
                break;
            default:
                break;
        }
    }

    private async Task BeSilentAsync(CancellationToken ended)
    {
        Interlocked.Increment(ref _silent);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ended);
        }
        finally
        {
            Interlocked.Decrement(ref _silent);
        }
    }

    private Task<Break> NextBreak()
    {
        lock (_gate)
        {
            return _breaking.Task;
        }
    }

    // Closing without lingering sends RST.
    private static void Reset(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>() is { } connection)
        {
            connection.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        context.Abort();
    }

    private sealed record Break(Fault Fault, long Version, Task<Break> Next);
}
