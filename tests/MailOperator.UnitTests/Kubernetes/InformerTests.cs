using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Serialization;
using MailOperator.Kubernetes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static MailOperator.UnitTests.Kubernetes.FakeApi;

namespace MailOperator.UnitTests.Kubernetes;

public sealed class InformerTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RuntimeMetrics _metrics = new();
    private readonly FakeApi _api = new() { Default = static _ => Task.FromResult(FakeApi.Stream("", thenSilence: true)) };
    private readonly ConcurrentQueue<string> _changes = new();
    private readonly Informer<Thing> _informer;

    public InformerTests()
    {
        _informer = new Informer<Thing>(
            _api.Connect(_clock), Things, Selection.Everything, new InformerOptions { PageSize = 2 }, _metrics, _clock, new Random(1), NullLogger<Informer<Thing>>.Instance);
        _informer.Changed += (before, after) => _changes.Enqueue($"{Say(before)}>{Say(after)}");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _informer.StopAsync(CancellationToken.None);
        _informer.Dispose();
        _metrics.Dispose();
        _api.Dispose();
    }

    [Fact]
    public async Task Start_ListInPages_ReadsAllAndWatchesFromThere()
    {
        _api.Answer(HttpStatusCode.OK, """{"metadata":{"resourceVersion":"5","continue":"more"},"items":[""" + Thing("a", "1") + "," + Thing("b", "2") + "]}")
            .Answer(HttpStatusCode.OK, List("5", Thing("c", "3")));

        await StartAsync(requests: 3);

        Assert.Equal(3, _informer.Store.Count);
        Assert.Contains("continue=more", _api.Requests[1].PathAndQuery);
        Assert.Contains("watch=1&allowWatchBookmarks=true", _api.Requests[2].PathAndQuery);
        Assert.Contains("resourceVersion=5", _api.Requests[2].PathAndQuery);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("event")]
    [InlineData("broken")]
    public async Task Watch_CannotBeTrusted_ListsAgainAndTellsWhatVanished(string how)
    {
        _api.Answer(HttpStatusCode.OK, List("5", Thing("a", "1"), Thing("gone", "2")));
        _ = how switch
        {
            "http" => _api.Answer(HttpStatusCode.Gone, FakeApi.Status(410, "Expired")),
            "event" => _api.Watch(Event("ERROR", FakeApi.Status(410, "Expired"))),
            _ => _api.Watch("{\"type\":\"MODI"),
        };
        _api.Answer(HttpStatusCode.OK, List("9", Thing("a", "1"), Thing("new", "8")));

        await StartAsync(requests: 2);
        await AdvanceUntilAsync(requests: 4);

        Assert.Equal([">a1", ">gone2", ">new8", "gone2>"], _changes); // a, unchanged, is told once: the mutant tells it again
        Assert.Contains("resourceVersion=9", _api.Requests[3].PathAndQuery);
    }

    [Fact]
    public async Task Watch_EndsCleanly_GoesOnFromTheLastVersionWithoutAList()
    {
        _api.Answer(HttpStatusCode.OK, List("5", Thing("a", "1")))
            .Watch(Event("MODIFIED", Thing("a", "7")) + Bookmark("8"));

        await StartAsync(requests: 3);

        Assert.Equal([">a1", "a1>a7"], _changes);
        Assert.Contains("watch=1", _api.Requests[2].PathAndQuery);
        Assert.Contains("resourceVersion=8", _api.Requests[2].PathAndQuery);
    }

    [Fact]
    public async Task Watch_Silent_IsGivenUpAndConnectedAgain()
    {
        // Mutant: no watchdog; a peer that died without a word is waited for for ever.
        _api.Answer(HttpStatusCode.OK, List("5")).Watch(Bookmark("6"), thenSilence: true);
        await StartAsync(requests: 2);

        await AdvanceUntilAsync(requests: 3);

        Assert.Contains("resourceVersion=6", _api.Requests[2].PathAndQuery);
    }

    [Fact]
    public async Task Watch_ObjectThatDoesNotFit_IsToldAsSuchAndTheOthersFlow()
    {
        _api.Answer(HttpStatusCode.OK, List("5"))
            .Watch(
                Event("ADDED", Thing("poison", "6", rest: ""","spec":{"size":"not a number"}""")) + Event("ADDED", """{"metadata":{}}""")
                + Event("ADDED", Thing("fine", "7", rest: ""","spec":{"size":3}""")), thenSilence: true);

        await StartAsync(requests: 2);
        await WaitForChangesAsync(2);

        Assert.NotNull(_informer.Store.Find(new ObjectKey("ns", "poison"))!.DecodeError);
        Assert.Equal(3, _informer.Store.Find(new ObjectKey("ns", "fine"))!.Spec.Size);
        Assert.Equal(2, _api.Requests.Count); // the watch was not restarted
    }

    [Fact]
    public async Task Watch_DeletedAndMadeAnew_TellsBothUids()
    {
        _api.Answer(HttpStatusCode.OK, List("5", Thing("a", "1", uid: "A")))
            .Watch(Event("DELETED", Thing("a", "6", uid: "A")) + Event("ADDED", Thing("a", "7", uid: "B")), thenSilence: true);

        await StartAsync(requests: 2);
        await WaitForChangesAsync(3);

        Assert.Equal([">a1", "a1>", ">a7"], _changes);
        Assert.Equal("B", _informer.Store.Find(new ObjectKey("ns", "a"))!.Metadata.Uid);
    }

    [Fact]
    public async Task List_ServerDown_IsTriedUntilItAnswers()
    {
        _api.Answer(HttpStatusCode.InternalServerError, "no JSON at all").Answer(_ => throw new HttpRequestException("refused"))
            .Answer(HttpStatusCode.OK, List("5", Thing("a", "1")));
        await _informer.StartAsync(Token);
        Assert.False(_informer.HasSynced);

        await AdvanceUntilAsync(requests: 4);

        Assert.True(_informer.HasSynced);
    }

    private async Task StartAsync(int requests)
    {
        await _informer.StartAsync(Token);
        await _api.WaitForRequestsAsync(requests);
    }

    private async Task AdvanceUntilAsync(int requests)
    {
        while (_api.Requests.Count < requests)
        {
            _clock.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }
    }

    private async Task WaitForChangesAsync(int count)
    {
        while (_changes.Count < count)
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static string Say(Thing? thing) => thing is null ? "" : thing.Metadata.Name + thing.Metadata.ResourceVersion;

    public sealed record ThingSpec([property: JsonPropertyName("size")] int Size);

    internal sealed class Thing : ApiObject
    {
        public ThingSpec Spec { get; set; } = new(0);
    }
}
