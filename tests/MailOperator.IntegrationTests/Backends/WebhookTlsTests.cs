using System.Text;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Webhook;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>The reference server with mutual TLS and no token. Mutants: any server or any client is trusted.</summary>
public sealed class WebhookTlsTests : IAsyncLifetime
{
    private readonly TestAuthority _ours = new("ours");
    private readonly TestAuthority _others = new("others");
    private readonly Dictionary<string, string> _secret = [];
    private WebhookServer _server = null!;

    [Fact]
    public async Task Client_OfTheAuthority_IsLetIn()
    {
        Present(_ours);

        await using WebhookBackend backend = Make(_ours.Pem);

        Assert.Empty(await backend.ListAllAsync("one", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Client_OfAnotherAuthorityThenOfOurs_IsKeptOutThenLetIn()
    {
        // With TLS 1.3 the connection may close before the client reads the reason: the message covers both cases.
        Present(_others);
        await using WebhookBackend backend = Make(_ours.Pem);
        Assert.Contains("certificate", (await FailureAsync(backend)).Message);

        Present(_ours);

        Assert.Empty(await backend.ListAllAsync("one", TestContext.Current.CancellationToken)); // what each probe calls
    }

    [Fact]
    public async Task Client_WithoutACertificate_IsKeptOut()
    {
        _secret["token"] = "a-token-is-not-enough";
        await using WebhookBackend backend = Make(_ours.Pem);

        Assert.Contains("certificate", (await FailureAsync(backend)).Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Server_OfAnotherAuthority_IsNotTrusted(bool hasBundle)
    {
        Present(_ours);
        await using WebhookBackend backend = Make(hasBundle ? _others.Pem : null);

        MailBackendException e = await FailureAsync(backend);

        Assert.Equal(BackendFailure.Unauthorized, e.Failure);
        Assert.Contains("spec.webhook.caBundle", e.Message);
    }

    [Fact]
    public async Task Secret_WithAnotherKey_SaysSo()
    {
        Present(_ours);
        _secret["tls.key"] = _ours.Issue("another").Key;
        await using WebhookBackend backend = Make(_ours.Pem);

        MailBackendException e = await FailureAsync(backend);

        Assert.Equal(BackendFailure.Unauthorized, e.Failure);
        Assert.Contains("tls.crt", e.Message);
        Assert.DoesNotContain("PRIVATE", e.ToString());
    }

    public async ValueTask InitializeAsync()
    {
        string folder = Directory.CreateTempSubdirectory("mo-webhook-").FullName;
        (string certificate, string key) = _ours.Issue("server");
        await File.WriteAllTextAsync(Path.Combine(folder, "tls.crt"), certificate);
        await File.WriteAllTextAsync(Path.Combine(folder, "tls.key"), key);
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.crt"), _ours.Pem);
        _server = await WebhookServer.StartAsync(folder, "--tls", "tls.crt", "tls.key", "--client-ca", "ca.crt");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _ours.Dispose();
        _others.Dispose();
    }

    private void Present(TestAuthority authority) =>
        (_secret["tls.crt"], _secret["tls.key"]) = authority.Issue("operator");

    private static Task<MailBackendException> FailureAsync(WebhookBackend backend) =>
        Assert.ThrowsAsync<MailBackendException>(
            () => backend.ListAsync(new SlotOwner("one", "d1"), TestContext.Current.CancellationToken));

    private WebhookBackend Make(string? bundle) =>
        (WebhookBackend)new WebhookDriver(new GivenSecret(_secret), TimeProvider.System).Create(new MailBackendSpec
        {
            Webhook = new WebhookSpec
            {
                Url = $"https://127.0.0.1:{_server.Port}",
                AuthSecret = new ObjectReference { Name = "webhook" },
                CaBundle = bundle is null ? null : Encoding.ASCII.GetBytes(bundle),
            },
        });
}
