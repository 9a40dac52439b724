using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using MailOperator.Kubernetes;
using MailOperator.UnitTests.Kubernetes.Hostile;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>Our verbs at a server that refuses, hangs, or does not answer.</summary>
public sealed class KubernetesApiFaultTests : IAsyncLifetime
{
    private const string Password = "a2Y3ZjNxMlNlY3JldFNlY3JldFNlY3JldA==";
    private static readonly ObjectKey Key = new("shop", "grafana");
    private readonly FakeTimeProvider _clock = new();
    private HostileApiServer _server = null!; // made in InitializeAsync
    private KubernetesApi _api = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await HostileApiServer.StartAsync();
        _api = _server.Connect(_clock);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(Fault.Conflict)]
    [InlineData(Fault.Invalid)]
    [InlineData(Fault.ServerError)]
    [InlineData(Fault.Forbidden)]
    [InlineData(Fault.Reset)]
    [InlineData(Fault.LostResponse)]
    public async Task Write_SecretRefused_NothingInTheErrorSaysWhatWasSent(Fault fault)
    {
        // Mutants: keep the request in the exception as the client library does; pass on a message that quotes the
        // input.
        byte[] body = Encoding.UTF8.GetBytes(
            $$$"""{"metadata":{"name":"grafana"},"data":{"password":"{{{Password}}}"}}""");
        Func<Task>[] writes =
        [
            () => _api.CreateAsync(ResourceType.Secrets, Key.Namespace, body, Token),
            () => _api.ReplaceAsync(ResourceType.Secrets, Key, body, Token),
            () => _api.MergePatchAsync(ResourceType.Secrets, Key, body, Token),
        ];
        _server.Store.Put(ResourceType.Secrets.ObjectPath(Key with { Name = "other" }), Thing());
        _server.Fail("create", fault).Fail("update", fault).Fail("patch", fault);
        foreach (Func<Task> write in writes)
        {
            Exception error = await Assert.ThrowsAnyAsync<Exception>(write);

            for (Exception? part = error; part is not null; part = part.InnerException)
            {
                Assert.DoesNotContain(Password, part.ToString());
                Assert.All(
                    part.GetType().GetProperties(),
                    property => Assert.DoesNotContain(Password, $"{property.GetValue(part)}"));
                Assert.Empty(part.Data);
            }
        }
    }

    [Fact]
    public async Task Write_OtherKindRefused_SaysWhy()
    {
        _server.Fail("create", Fault.Invalid);

        ApiException refusal = await Assert.ThrowsAsync<ApiException>(
            () => _api.CreateAsync(FakeApi.Things, "ns", """{"size":"wrong"}"""u8.ToArray(), Token));

        Assert.Contains("wrong", refusal.Message);
        Assert.True(refusal.IsInvalid);
    }

    [Fact]
    public async Task Create_ResponseLost_FailsAndTheNextTryFindsItThere()
    {
        _server.Fail("create", Fault.LostResponse);
        byte[] body = Encoding.UTF8.GetBytes(Thing().ToJsonString());
        await Assert.ThrowsAsync<HttpRequestException>(() => _api.CreateAsync(FakeApi.Things, "ns", body, Token));

        ApiException refusal = await Assert.ThrowsAsync<ApiException>(
            () => _api.CreateAsync(FakeApi.Things, "ns", body, Token));

        Assert.True(refusal.IsConflict);
        Assert.Equal("AlreadyExists", refusal.Reason);
        Assert.Equal(2, _server.Count("create")); // mutant: send a write again by itself
    }

    [Fact]
    public async Task MergePatch_VersionHasMovedOn_IsAConflict()
    {
        _server.Fail("patch", Fault.Conflict);

        ApiException refusal = await Assert.ThrowsAsync<ApiException>(
            () => _api.MergePatchAsync(FakeApi.Things, Key, "{}"u8.ToArray(), Token));

        Assert.True(refusal.IsConflict);
    }

    [Fact]
    public async Task Create_NamespaceIsGoing_IsKnownAsThat()
    {
        _server.Fail("create", Fault.Forbidden);

        ApiException refusal = await Assert.ThrowsAsync<ApiException>(
            () => _api.CreateAsync(ResourceType.Secrets, "shop", "{}"u8.ToArray(), Token));

        Assert.True(refusal.IsNamespaceTerminating);
    }

    [Fact]
    public async Task Send_ThrottledAgainAndAgain_GivesUpAfterFiveRetries()
    {
        _server.Fail("get", [.. Enumerable.Repeat(Fault.Throttled, 20)]);
        Task<byte[]?> finding = _api.FindAsync(FakeApi.Things, Key, Token);

        await _server.AdvanceAsync(_clock, TimeSpan.FromSeconds(1), () => finding.IsCompleted);

        ApiException refusal = await Assert.ThrowsAsync<ApiException>(() => finding);
        Assert.Equal(HttpStatusCode.TooManyRequests, refusal.StatusCode);
        Assert.Equal(6, _server.Count("get"));
    }

    [Fact]
    public async Task Find_ServerSilent_EndsWithItsCaller()
    {
        _server.Fail("get", Fault.Silence);
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<byte[]?> finding = _api.FindAsync(FakeApi.Things, Key, caller.Token);
        await Until.IsSoAsync(() => _server.Count("get") == 1);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => finding);
    }

    [Fact]
    public async Task Delete_AnotherOfThatName_IsASuccessAndLeavesItAlone()
    {
        // Mutant: delete by name; it hits an object made since.
        _server.Store.Apply(FakeApi.Things, Key);

        await _api.DeleteAsync(FakeApi.Things, Key, "uid-of-another", Token);

        Assert.NotNull(_server.Store.Find(FakeApi.Things, Key));
    }

    [Fact]
    public async Task Delete_OfThatUid_Deletes()
    {
        string uid = (string)_server.Store.Apply(FakeApi.Things, Key)["metadata"]!["uid"]!;

        await _api.DeleteAsync(FakeApi.Things, Key, uid, Token);

        Assert.Null(_server.Store.Find(FakeApi.Things, Key));
    }

    [Fact]
    public async Task Delete_ServerFails_IsNoSuccess()
    {
        _server.Fail("delete", Fault.ServerError);

        await Assert.ThrowsAsync<ApiException>(() => _api.DeleteAsync(FakeApi.Things, Key, "uid-1", Token));
    }

    [Fact]
    public async Task Paths_NamesAreEscaped()
    {
        _ = await _api.FindAsync(FakeApi.Things, new ObjectKey("ns", "a/../../b?x"), Token);

        Assert.StartsWith("apis/example.com/v1/namespaces/ns/things/a", Assert.Single(_server.Requests).Path);
    }

    private static JsonObject Thing() =>
        new() { ["metadata"] = new JsonObject { ["name"] = "grafana", ["namespace"] = "ns" } };
}
