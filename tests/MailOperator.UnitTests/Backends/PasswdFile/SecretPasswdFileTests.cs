using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;
using MailOperator.Kubernetes;
using MailOperator.UnitTests.Kubernetes;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Backends.PasswdFile;

public sealed class SecretPasswdFileTests : IDisposable
{
    private readonly FakeApi _api = new();
    private readonly SecretPasswdFile _file;

    public SecretPasswdFileTests() =>
        _file = new SecretPasswdFile(
            _api.Connect(new FakeTimeProvider()), new ObjectKey("mail", "app-passwords"), SecretPasswdFile.DefaultKey);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_Secret_GivesItsTextAndVersion()
    {
        _api.Answer(HttpStatusCode.OK, Secret("7", "a:b\n"));

        Assert.Equal(("a:b\n", "7"), await _file.ReadAsync(null, Token));
    }

    [Fact]
    public async Task Read_SameVersion_GivesNoText()
    {
        _api.Answer(HttpStatusCode.OK, Secret("7", "a:b\n"));

        Assert.Equal((null, "7"), await _file.ReadAsync("7", Token));
    }

    [Fact]
    public async Task Read_KeyMissing_IsEmpty()
    {
        _api.Answer(HttpStatusCode.OK, """{"metadata":{"resourceVersion":"7"},"data":{"other":"eA=="}}""");

        Assert.Equal(("", "7"), await _file.ReadAsync(null, Token));
    }

    [Fact]
    public async Task Write_NoSecretYet_CreatesOneThatMustNotBeThere()
    {
        _api.Answer(HttpStatusCode.NotFound, FakeApi.Status(404, "NotFound"))
            .Answer(HttpStatusCode.Created, Secret("8", ""));
        string version = (await _file.ReadAsync(null, Token)).Version;

        Assert.Equal("8", await _file.TryWriteAsync("a:b\n", version, Token));

        (string method, string path, string body) = _api.Requests[^1];
        Assert.Equal("POST", method);
        Assert.StartsWith("/api/v1/namespaces/mail/secrets?", path);
        Assert.Equal("a:b\n", Encoding.UTF8.GetString(
            Convert.FromBase64String((string)JsonNode.Parse(body)!["data"]!["app-passwords"]!)));
    }

    [Fact]
    public async Task Write_SecretThere_SwapsThatVersionAndTouchesNoOtherKey()
    {
        _api.Answer(HttpStatusCode.OK, Secret("8", ""));

        await _file.TryWriteAsync("a:b\n", "7", Token);

        (string method, _, string body) = _api.Requests[^1];
        JsonNode patch = JsonNode.Parse(body)!;
        Assert.Equal(("PATCH", "7"), (method, (string)patch["metadata"]!["resourceVersion"]!));
        Assert.Equal(["app-passwords"], patch["data"]!.AsObject().Select(static entry => entry.Key));
    }

    [Fact]
    public async Task Write_ChangedMeanwhile_IsAConflictAndNoFailure()
    {
        _api.Answer(HttpStatusCode.Conflict, FakeApi.Status(409, "Conflict"));

        Assert.Null(await _file.TryWriteAsync("a:b\n", "7", Token));
    }

    [Theory]
    [InlineData(403, "Forbidden", "no right", nameof(BackendFailure.Unauthorized))]
    [InlineData(404, "NotFound", "no namespace", nameof(BackendFailure.Rejected))]
    [InlineData(422, "Invalid", "immutable", nameof(BackendFailure.Rejected))]
    [InlineData(500, "InternalError", "etcd", nameof(BackendFailure.Unavailable))]
    public async Task Write_Refused_SaysWhatKindOfFailureItIs(int code, string reason, string message, string expected)
    {
        _api.Answer((HttpStatusCode)code, FakeApi.Status(code, reason, message));

        MailBackendException failure = await Assert.ThrowsAsync<MailBackendException>(
            () => _file.TryWriteAsync("secret-hash", "7", Token));

        Assert.Equal(expected, failure.Failure.ToString());
        Assert.Contains("mail/app-passwords", failure.Message);
        Assert.DoesNotContain("secret-hash", failure.ToString());
    }

    [Fact]
    public async Task Write_NamespaceTerminating_IsUnavailable()
    {
        _api.Answer(HttpStatusCode.Forbidden, FakeApi.NamespaceTerminating);

        MailBackendException failure = await Assert.ThrowsAsync<MailBackendException>(
            () => _file.TryWriteAsync("a:b\n", "7", Token));

        Assert.Equal(BackendFailure.Unavailable, failure.Failure);
    }

    [Fact]
    public async Task Read_NoConnection_IsUnavailable()
    {
        MailBackendException failure = await Assert.ThrowsAsync<MailBackendException>(
            () => _file.ReadAsync(null, Token));

        Assert.Equal(BackendFailure.Unavailable, failure.Failure);
    }

    [Fact]
    public async Task Write_MoreThanASecretHolds_IsRejectedBeforeItIsSent()
    {
        MailBackendException failure =
            await Assert.ThrowsAsync<MailBackendException>(
                () => _file.TryWriteAsync(new string('x', SecretPasswdFile.MaxBytes + 1), "7", Token));

        Assert.Equal(BackendFailure.Rejected, failure.Failure);
        Assert.Contains("split", failure.Message);
        Assert.Empty(_api.Requests);
    }

    public void Dispose() => _api.Dispose();

    private static string Secret(string version, string text)
    {
        string encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        return $$"""{"metadata":{"resourceVersion":"{{version}}"},"data":{"app-passwords":"{{encoded}}"} }""";
    }
}
