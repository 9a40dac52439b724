using System.Diagnostics;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>Calls and watches as streams of one HTTP/2 connection, over real TLS on loopback.</summary>
public sealed class ApiConnectionTests : IAsyncLifetime
{
    private static readonly ObjectKey Key = new("ns", "a");

    private readonly Http2Server _server = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Calls_ManyBesideWatchesThatNobodyReads_ShareOneConnection()
    {
        // Mutants: HTTP/1.1; one flow control for all streams.
        KubernetesApi api = _server.Connect(_server.Port);
        IAsyncEnumerator<WatchEvent>[] watches = [.. Enumerable.Range(0, 5).Select(_ => Watch(api))];
        foreach (IAsyncEnumerator<WatchEvent> watch in watches)
        {
            Assert.True(await watch.MoveNextAsync()); // one event; the rest is not read
        }

        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => api.FindAsync(FakeApi.Things, Key, Token)));

        Assert.All(_server.Requests, static request => Assert.Equal("HTTP/2", request.Protocol));
        Assert.Single(_server.Requests.Select(static request => request.Connection).Distinct());
        Assert.Equal(65, _server.Requests.Count);
        foreach (IAsyncEnumerator<WatchEvent> watch in watches)
        {
            await watch.DisposeAsync();
        }
    }

    [Fact]
    public async Task Lease_ConnectionOfTheCallsIsDead_IsRenewedAtOnceOverItsOwn()
    {
        // Mutant: the lease as a stream of the same connection. A leader would lose it with that connection.
        await using var proxy = new FreezingProxy(_server.Port);
        KubernetesApi api = _server.Connect(proxy.Port);
        await api.FindAsync(FakeApi.Things, Key, Token);
        await api.FindAsync(ResourceType.Leases, Key, Token);
        proxy.Freeze(0);
        Task<byte[]?> hanging = api.FindAsync(FakeApi.Things, Key, Token);

        await api.FindAsync(ResourceType.Leases, Key, Token);

        Assert.False(hanging.IsCompleted);
        Assert.Equal("HTTP/1.1", _server.Requests[^1].Protocol);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => hanging);
    }

    [Fact]
    public async Task Call_PeerIsGoneWithoutAWord_FailsSoonAndTheNextOpensAnotherConnection()
    {
        // Mutant: no pings. Every call would hang until its deadline of 30 seconds, and each watch longer.
        await using var proxy = new FreezingProxy(_server.Port);
        KubernetesApi api = _server.Connect(proxy.Port);
        await api.FindAsync(FakeApi.Things, Key, Token);
        proxy.Freeze(0);
        long asked = Stopwatch.GetTimestamp();

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => api.FindAsync(FakeApi.Things, Key, Token));

        Assert.InRange(Stopwatch.GetElapsedTime(asked), TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.Equal("{}"u8.ToArray(), await api.FindAsync(FakeApi.Things, Key, Token));
        Assert.Equal(2, proxy.Accepted);
    }

    private static IAsyncEnumerator<WatchEvent> Watch(KubernetesApi api) =>
        api.WatchAsync(FakeApi.Things, Selection.Everything, "1", TimeSpan.FromMinutes(5), Token)
            .GetAsyncEnumerator(Token);
}
