using System.Collections.Concurrent;
using System.Net;
using MailOperator.Kubernetes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>An informer of things that is answered word by word, and then with watches that say nothing.</summary>
internal sealed class ListThenSilence : IAsyncDisposable
{
    private readonly RuntimeMetrics _metrics = new();
    private readonly ConcurrentQueue<string> _changes = new();
    private readonly FakeApi _api =
        new() { Default = static _ => Task.FromResult(FakeApi.Stream("", thenSilence: true)) };

    public ListThenSilence(params string[] answers)
    {
        foreach (string answer in answers)
        {
            _api.Answer(answer == FakeApi.VersionTooLarge ? HttpStatusCode.GatewayTimeout : HttpStatusCode.OK, answer);
        }

        Informer = new Informer<Widget>(
            _api.Connect(Clock), FakeApi.Things, Selection.Everything, new InformerOptions(), _metrics, Clock,
            new Random(1), NullLogger<Informer<Widget>>.Instance);
        Informer.Changed += (before, after) => _changes.Enqueue($"{before?.Metadata.Uid}>{after?.Metadata.Uid}");
        _ = Informer.StartAsync(CancellationToken.None);
    }

    public FakeTimeProvider Clock { get; } = new();

    public Informer<Widget> Informer { get; }

    /// <summary>The UID before, ">", and the UID after.</summary>
    public IReadOnlyList<string> Changes => [.. _changes];

    public int Requests => _api.Requests.Count;

    public async ValueTask DisposeAsync()
    {
        await Informer.StopAsync(CancellationToken.None);
        Informer.Dispose();
        _api.Dispose();
    }
}
