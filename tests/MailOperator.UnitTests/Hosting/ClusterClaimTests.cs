using System.Net;
using k8s;
using k8s.Models;
using MailOperator.Api;
using MailOperator.Hosting;
using MailOperator.Kubernetes;
using MailOperator.UnitTests.Kubernetes;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailOperator.UnitTests.Hosting;

/// <summary>Which of two operators serves a cluster. The MailBackends are those of the cache.</summary>
public sealed class ClusterClaimTests : IDisposable
{
    private const string Ours = "mail-operator/mail-operator";
    private const string Theirs = "elsewhere/mail-operator";

    private readonly SteppedClock _clock = new();
    private readonly FakeApi _server = new();
    private readonly RuntimeMetrics _metrics = new();
    private readonly Informer<MailBackend> _backends;
    private readonly ClusterClaim _claim;

    public ClusterClaimTests()
    {
        KubernetesApi api = _server.Connect(_clock);
        var options = new OperatorOptions { Namespace = "mail-operator" };
        _backends = new Informer<MailBackend>(
            api, ApiGroup.MailBackends, Selection.Everything, new InformerOptions(), _metrics, _clock, new Random(1),
            NullLogger<Informer<MailBackend>>.Instance);
        _claim = new ClusterClaim(
            api, _backends, new OwnNamespace(options, new KubernetesClientConfiguration()), options.LeaderElection,
            new EventRecorder(api, "one", _metrics, _clock, NullLogger<EventRecorder>.Instance), _metrics, _clock,
            NullLogger<ClusterClaim>.Instance);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _backends.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task Claim_IsOursAlready_AsksTheServerNothing()
    {
        // Mutants: list the backends, or read a lease, from time to time; write the claim again.
        Put("first", Ours);
        await _claim.AcquireAsync(Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task running = _claim.RunAsync(stop.Token);
        _clock.Advance(TimeSpan.FromHours(1));

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.Empty(_server.Requests);
        Assert.Null(_claim.Problem);
    }

    [Fact]
    public async Task Claim_IsNobodys_IsWrittenOverTheVersionThatWasSeen()
    {
        // Mutant: write it whatever another operator has written meanwhile.
        Put("first", holder: null);
        _server.Answer(HttpStatusCode.OK);

        await _claim.AcquireAsync(Token);

        (string method, string path, string body) = Assert.Single(_server.Requests);
        Assert.Equal("PATCH", method);
        Assert.Contains("/mailbackends/first", path);
        Assert.Contains("\"resourceVersion\":\"7\"", body);
        Assert.Contains($"\"{Annotations.ServedBy}\":\"{Ours}\"", body);
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden)]
    [InlineData(HttpStatusCode.UnprocessableEntity)]
    [InlineData(HttpStatusCode.InternalServerError)] // a webhook that does not answer
    public async Task Claim_ThatIsRefused_KeepsNothingFromEnding(HttpStatusCode code)
    {
        // Mutant: wait until it can be written. No password of any device would end until then.
        Put("first", holder: null);
        Put("second", holder: null);
        _server.Answer(code, FakeApi.Status((int)code, "Refused")).Answer(HttpStatusCode.OK);

        await _claim.AcquireAsync(Token).WaitAsync(TimeSpan.FromSeconds(45), Token);

        Assert.Equal(2, _server.Requests.Count);
        Assert.Null(_claim.Problem);
    }

    [Fact]
    public async Task Claim_OfALeaseThatIsRenewed_IsRespectedAndThenTaken()
    {
        // Mutants: take it at once; respect it for ever; judge by the other machine's clock.
        Put("first", Theirs);
        int version = 0;
        bool isRenewed = true;
        _server.Default = request => Task.FromResult(request.Method == HttpMethod.Get
            ? Json(Lease(isRenewed ? ++version : version))
            : Json("{}"));
        Task acquiring = _claim.AcquireAsync(Token);
        await Until.IsSoAsync(_clock, TimeSpan.FromSeconds(2), () => version > 20, () => !_clock.IsDelaying);
        Assert.False(acquiring.IsCompleted);
        Assert.Contains(Theirs, _claim.Problem);
        Assert.DoesNotContain(_server.Requests, static request => request.Method != "GET");

        isRenewed = false;
        TimeSpan waited = await Until.IsSoAsync(
            _clock, TimeSpan.FromSeconds(1), () => acquiring.IsCompleted,
            () => !_clock.IsDelaying && !acquiring.IsCompleted);

        await acquiring;
        Assert.InRange(waited, TimeSpan.FromSeconds(13), TimeSpan.FromSeconds(20));
        Assert.Null(_claim.Problem);
        Assert.Equal("PATCH", _server.Requests[^1].Method);
    }

    [Fact]
    public async Task Claim_OfALeaseThatIsGone_IsTakenAtOnce()
    {
        Put("first", Theirs);
        _server.Answer(HttpStatusCode.NotFound, FakeApi.Status(404, "NotFound")).Answer(HttpStatusCode.OK);

        await _claim.AcquireAsync(Token);

        Assert.Equal(["GET", "PATCH"], _server.Requests.Select(static request => request.Method));
    }

    [Fact]
    public async Task Run_AnotherOperatorHasTheClaim_Fails()
    {
        // Mutant: go on, so that both write.
        Put("first", Theirs);
        _server.Default = _ => Task.FromResult(Json(Lease(1)));

        InvalidOperationException failure =
            await Assert.ThrowsAsync<InvalidOperationException>(() => _claim.RunAsync(Token));

        Assert.Contains(Theirs, failure.Message);
    }

    private static HttpResponseMessage Json(string body) =>
        new(HttpStatusCode.OK) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };

    // Its times are those of a machine whose clock is years behind.
    private static string Lease(int version) => $$$"""
        {"metadata":{"name":"mail-operator","namespace":"elsewhere","resourceVersion":"{{{version}}}"},
         "spec":{"holderIdentity":"a","leaseDurationSeconds":15,"renewTime":"2020-01-01T00:00:00.000000Z"}}
        """;

    private void Put(string name, string? holder) => _backends.Store.Put(new MailBackend
    {
        Metadata = new V1ObjectMeta
        {
            Name = name,
            Uid = name,
            ResourceVersion = "7",
            CreationTimestamp = _clock.GetUtcNow().UtcDateTime,
            Annotations = holder is null ? null : new Dictionary<string, string> { [Annotations.ServedBy] = holder },
        },
    });
}
