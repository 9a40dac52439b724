using System.Net;
using System.Text;
using MailOperator.Kubernetes;
using Microsoft.Extensions.Time.Testing;
using static MailOperator.UnitTests.Kubernetes.FakeApi;

namespace MailOperator.UnitTests.Kubernetes;

public sealed class KubernetesApiTests : IDisposable
{
    private const string Password = "k7f3q2SecretSecretSecret";
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeApi _server = new();
    private readonly KubernetesApi _api;

    public KubernetesApiTests() => _api = _server.Connect(_clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HttpStatusCode.Conflict)]
    [InlineData(HttpStatusCode.UnprocessableEntity)]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.InternalServerError)]
    public async Task Create_SecretRefused_ErrorHoldsNothingOfWhatWasSent(HttpStatusCode code)
    {
        string echo = code is HttpStatusCode.Conflict or HttpStatusCode.InternalServerError
            ? "already exists"
            : $"Invalid value: {Password}";
        _server.Answer(code, FakeApi.Status((int)code, "Reason", echo));

        ApiException refusal = await Assert.ThrowsAsync<ApiException>(
            () => _api.CreateAsync(
                ResourceType.Secrets, "ns", Encoding.UTF8.GetBytes($$"""{"data":"{{Password}}"}"""), Token));

        Assert.Contains(Password, Assert.Single(_server.Requests).Body);
        Assert.DoesNotContain(Password, refusal.ToString());
        Assert.DoesNotContain(Password, string.Concat(
            refusal.GetType().GetProperties().Select(property => property.GetValue(refusal)?.ToString())));
        Assert.Equal(code, refusal.StatusCode);
    }

    [Fact]
    public async Task Send_Throttled_WaitsAsLongAsItWasTold()
    {
        _server.Answer(HttpStatusCode.TooManyRequests, FakeApi.Status(429, "TooManyRequests"), retryAfter: "3")
            .Answer(HttpStatusCode.OK);
        Task<byte[]> creating = _api.CreateAsync(Things, "ns", "{}"u8.ToArray(), Token);
        await _server.WaitForRequestsAsync(1);
        Assert.False(creating.IsCompleted);

        while (!creating.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(2, _server.Requests.Count);
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.Conflict)] // another object of that name by now
    public async Task Delete_GoneOrAnother_Succeeds(HttpStatusCode code)
    {
        _server.Answer(code, FakeApi.Status((int)code, "x"));

        await _api.DeleteAsync(Things, new ObjectKey("ns", "a"), "uid-1", Token);

        Assert.Contains("\"preconditions\":{\"uid\":\"uid-1\"}", Assert.Single(_server.Requests).Body);
    }

    [Fact]
    public async Task Find_Absent_IsNull()
    {
        _server.Answer(HttpStatusCode.NotFound, FakeApi.Status(404, "NotFound"));

        Assert.Null(await _api.FindAsync(Things, new ObjectKey("ns", "a"), Token));
    }

    [Fact]
    public async Task AddFinalizer_OthersPresent_Appends()
    {
        _server.Answer(HttpStatusCode.OK);
        var target = new MetadataObject
        {
            Metadata = new()
            {
                Name = "a",
                NamespaceProperty = "ns",
                Uid = "u",
                ResourceVersion = "3",
                Finalizers = ["other"],
            },
        };

        await new ObjectWriter(_api).AddFinalizerAsync(Things, target, "ours", Token);

        Assert.Equal(
            """[{"op":"test","path":"/metadata/uid","value":"u"},"""
            + """{"op":"test","path":"/metadata/finalizers","value":["other"]},"""
            + """{"op":"add","path":"/metadata/finalizers/-","value":"ours"}]""",
            Assert.Single(_server.Requests).Body);
    }

    [Fact]
    public async Task RemoveFinalizer_TestsThatItIsTheOneAtThatPlace()
    {
        _server.Answer(HttpStatusCode.OK);
        var target = new MetadataObject
        {
            Metadata = new() { Name = "a", NamespaceProperty = "ns", Uid = "u", Finalizers = ["other", "ours"] },
        };

        await new ObjectWriter(_api).RemoveFinalizerAsync(Things, target, "ours", Token);

        Assert.Equal(
            """[{"op":"test","path":"/metadata/uid","value":"u"},"""
            + """{"op":"test","path":"/metadata/finalizers/1","value":"ours"},"""
            + """{"op":"remove","path":"/metadata/finalizers/1"}]""",
            Assert.Single(_server.Requests).Body);
    }

    public void Dispose() => _server.Dispose();
}
