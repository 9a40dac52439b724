using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using k8s;
using MailOperator.Kubernetes;
using Microsoft.AspNetCore.Builder;
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
    private readonly HostileWatches _watches;
    private readonly List<RequestsUnderWay> _underWay = [];
    private int _silent;

    private HostileApiServer(WebApplication app)
    {
        _app = app;
        _watches = new HostileWatches(Store);
        app.Run(HandleAsync);
    }

    public HostileStore Store { get; } = new();

    /// <summary>How a watch from a forgotten version is refused.</summary>
    public Fault GoneAs { get; set; } = Fault.GoneEvent;

    /// <summary>Watches whose clients have not hung up, silent ones too.</summary>
    public int OpenWatches => _watches.Open;

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
        FakeTimeProvider clock,
        TimeSpan step,
        Func<bool> condition,
        [CallerArgumentExpression(nameof(condition))] string what = "") =>
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

    /// <summary>
    /// Lets the watches under way go wrong. One that was silenced can be broken again,
    /// and has missed what came between.
    /// </summary>
    public void BreakWatches(Fault fault) => _watches.Break(fault);

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
            if (_script.TryGetValue(request.Verb, out Queue<Fault>? script) && script.TryDequeue(out Fault next)
                && next is not Fault.None)
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
                FaultyStream.Reset(context);
                break;
            case Fault.LostResponse:
                HostileVerbs.Answer(Store, request);
                FaultyStream.Reset(context);
                break;
            case null when request.Verb == "watch":
                await WatchAsync(context, request, ended);
                break;
            case Fault.GoneEvent or Fault.EndOfStream or Fault.BrokenLine or Fault.ForeignLine:
                context.Response.ContentType = "application/json";
                await FaultyStream.FailAsync(context, fault.Value, ended);
                break;
            default:
                (HttpStatusCode status, string answer) = fault is { } refusal
                    ? HostileVerbs.Refuse(request, refusal)
                    : HostileVerbs.Answer(Store, request);
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

        await _watches.RunAsync(context, request, position, ended);
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
}
