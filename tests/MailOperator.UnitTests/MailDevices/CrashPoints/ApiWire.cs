using System.Net;
using System.Text;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>
/// The network between the real Kubernetes client and the cluster in memory. Events are sent in the background, so they
/// wait here until the pass has ended: every run makes its calls in the same order.
/// </summary>
internal sealed class ApiWire(MemoryCluster cluster, Wire wire, Transcript transcript) : DelegatingHandler
{
    /// <summary>Reason of the last event of a pass. It is not sent on.</summary>
    public const string LastEvent = "LastEventOfThisPass";

    private TaskCompletionSource _passEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _eventsSent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void BeginPass()
    {
        _passEnded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _eventsSent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Releases the events. Completes with the last one.</summary>
    public Task EndPassAsync()
    {
        _passEnded.SetResult();
        return _eventsSent.Task;
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string method = request.Method.Method;
        string path = request.RequestUri!.AbsolutePath;
        string body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        if (path.Contains("/events", StringComparison.Ordinal))
        {
            await _passEnded.Task.WaitAsync(cancellationToken);
            if (body.Contains(LastEvent, StringComparison.Ordinal))
            {
                _eventsSent.SetResult();
                return Answer(HttpStatusCode.OK, "{}");
            }
        }

        transcript.AddRequest(path, body);
        (HttpStatusCode status, string answer) = await wire.CallAsync(
            $"{method} {path}", method != "GET", () => cluster.Answer(method, path, body),
            static () => new HttpRequestException("connection reset"));
        return Answer(status, answer);
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, string body) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
}
