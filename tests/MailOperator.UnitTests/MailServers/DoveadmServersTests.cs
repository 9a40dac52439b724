using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailServers;
using MailOperator.UnitTests.Kubernetes;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.MailServers;

/// <summary>The client of doveadm's HTTP API, over real sockets on loopback.</summary>
public sealed class DoveadmServersTests : IDisposable
{
    private const string Done =
        """[["doveadmResponse",[],"authCacheFlush"],"""
        + """["error",{"type":"exitCode","exitCode":68},"kick a@example.com"]]""";

    private const string ApiKey = """{"data":{"api-key":"c2VjcmV0LWtleQo="}}"""; // secret-key and a newline
    private const string Password = """{"data":{"password":"c2VjcmV0LWtleQ=="}}""";

    private readonly FakeApi _api = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly ConcurrentBag<(string Address, string? Authorization)> _notified = [];
    private readonly List<TcpListener> _listeners = [];
    private int _port;

    [Fact]
    public async Task Tell_HostWithTwoAddresses_NotifiesBoth()
    {
        // Mutant: use the first address only. A headless Service has one for each pod, and each pod its own cache.
        Listen(["127.0.0.1", "127.0.0.2"], 200, Done);
        DoveadmServers servers = Servers(ApiKey, "127.0.0.1", "127.0.0.2", "::1");

        await TellAsync(servers);

        Assert.Equal(["127.0.0.1", "127.0.0.2"], _notified.Select(static one => one.Address).Order());
        Assert.All(_notified, static one => Assert.Equal("X-Dovecot-API c2VjcmV0LWtleQ==", one.Authorization));
    }

    [Fact]
    public async Task Tell_OneAddressFails_Fails()
    {
        Listen(["127.0.0.1"], 200, Done);
        DoveadmServers servers = Servers(ApiKey, "127.0.0.1", "127.0.0.3");

        Assert.Contains("dovecot.test", (await FailureAsync(servers)).Message);
        Assert.Single(_notified);
    }

    [Fact]
    public async Task Tell_WithAPassword_UsesTheUsernameDoveadm()
    {
        Listen(["127.0.0.1"], 200, Done);
        DoveadmServers servers = Servers(Password, "127.0.0.1");

        await TellAsync(servers);

        Assert.Equal("Basic " + Convert.ToBase64String("doveadm:secret-key"u8), Assert.Single(_notified).Authorization);
    }

    [Theory]
    [InlineData(401, "", "refuses the credentials")]
    [InlineData(404, "", "HTTP status 404")]
    [InlineData(302, "", "HTTP status 302")]
    [InlineData(200, "[]", "no answer")]
    public async Task Tell_OtherAnswer_Fails(int status, string body, string words)
    {
        Listen(["127.0.0.1"], status, body);
        DoveadmServers servers = Servers(ApiKey, "127.0.0.1");

        MailBackendException failure = await FailureAsync(servers);

        Assert.Contains(words, failure.Message);
        Assert.DoesNotContain("secret-key", failure.ToString());
    }

    [Theory]
    [InlineData(null, "does not exist")]
    [InlineData("""{"data":{"key":"eA=="}}""", "'api-key'")]
    [InlineData("{}", "'api-key'")]
    public async Task Tell_NoCredentials_NamesTheSecret(string? secret, string words)
    {
        DoveadmServers servers = Servers(secret, "127.0.0.1");

        MailBackendException failure = await FailureAsync(servers);

        Assert.Contains("mail-operator/doveadm", failure.Message);
        Assert.Contains(words, failure.Message);
    }

    [Theory]
    [InlineData(null, "does not exist")]
    [InlineData("{}", "'api-key'")]
    [InlineData(ApiKey, null)]
    [InlineData(Password, null)]
    public async Task SecretProblem_SecretLacksTheCredentials_NamesItAndAsksNoServer(string? secret, string? words)
    {
        DoveadmServers servers = Servers(secret, "127.0.0.1");

        string? problem = await servers.SecretProblemAsync(Spec, Token);

        Assert.Equal(words is null, problem is null);
        Assert.Contains(words is null ? "" : "mail-operator/doveadm", problem ?? "");
        Assert.Contains(words ?? "", problem ?? "");
    }

    [Fact]
    public async Task Tell_UrlThatIsNone_FailsAndTheOtherServersAreTold()
    {
        // Mutant: parse it all the same. The exception would keep every other end of the device from being applied.
        Listen(["127.0.0.1"], 200, Done);
        DoveadmServers servers = Servers(ApiKey, "127.0.0.1");
        MailBackendSpec spec = Spec;
        spec.Dovecot!.Doveadm = [new DoveadmSpec { Url = "mail" }, .. spec.Dovecot.Doveadm!];

        MailBackendException failure = await Assert.ThrowsAsync<MailBackendException>(
            () => servers.TellAsync(spec, ["a@example.com"], endsSessions: true, Token));

        Assert.Contains("url 'mail' must be like", failure.Message);
        Assert.Single(_notified);
    }

    [Fact]
    public async Task Tell_ServerThatIsGone_IsCalledOncePerPeriodOnly()
    {
        // Mutant: no circuit breaker. A thousand deletions would each wait for the same dead server.
        DoveadmServers servers = Servers(ApiKey, "127.0.0.3");
        for (int time = 0; time < 10; time++)
        {
            await FailureAsync(servers);
        }

        Assert.Equal(CircuitBreaker.FailuresToOpen, _api.Requests.Count); // the credentials are read for each call
        _clock.Advance(CircuitBreaker.InitialDelay);
        await FailureAsync(servers);
        Assert.Equal(CircuitBreaker.FailuresToOpen + 1, _api.Requests.Count);
    }

    public void Dispose()
    {
        foreach (TcpListener listener in _listeners)
        {
            listener.Dispose();
        }

        _api.Dispose();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private MailBackendSpec Spec => new()
    {
        Dovecot = new DovecotSpec
        {
            Doveadm = [new DoveadmSpec
            {
                Url = $"http://dovecot.test:{_port}/doveadm/v1",
                CredentialsSecret = new ObjectReference { Name = "doveadm" },
            }],
        },
    };

    private Task TellAsync(DoveadmServers servers) =>
        servers.TellAsync(Spec, ["a@example.com"], endsSessions: true, Token);

    private async Task<MailBackendException> FailureAsync(DoveadmServers servers) =>
        await Assert.ThrowsAsync<MailBackendException>(() => TellAsync(servers));

    private DoveadmServers Servers(string? secret, params string[] addresses)
    {
        _port = _port == 0 ? 9 : _port;
        _api.Default = _ =>
            Task.FromResult(new HttpResponseMessage(secret is null ? HttpStatusCode.NotFound : HttpStatusCode.OK)
            {
                Content = new StringContent(
                    secret ?? """{"kind":"Status","code":404,"reason":"NotFound"}""", Encoding.UTF8,
                    "application/json"),
            });
        return new DoveadmServers(
            new BackendSecrets(_api.Connect(_clock), "mail-operator"), _clock,
            (_, _) => Task.FromResult(addresses.Select(IPAddress.Parse).ToArray()));
    }

    private void Listen(string[] addresses, int status, string body)
    {
        foreach (string address in addresses)
        {
            var listener = new TcpListener(IPAddress.Parse(address), _port);
            listener.Start();
            _listeners.Add(listener);
            _port = ((IPEndPoint)listener.LocalEndpoint).Port; // the next address at the same port
            _ = AnswerAsync(listener, address, status, body);
        }
    }

    private async Task AnswerAsync(TcpListener listener, string address, int status, string body)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync(Token);
        using var request = new StreamReader(client.GetStream(), Encoding.ASCII);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await request.ReadLineAsync(Token) is { Length: > 0 } line)
        {
            headers[line.Split(':')[0]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        }

        await request.ReadBlockAsync(new char[int.Parse(headers["Content-Length"])], Token);
        _notified.Add((address, headers.GetValueOrDefault("Authorization")));
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {status} Answer\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"), Token);
    }
}
