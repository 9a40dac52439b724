using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;

namespace MailOperator.MailServers;

/// <summary>
/// Notifies Dovecot servers with doveadm's HTTP API. Each server has its own cache and sessions, so all are notified:
/// every URL and, if the host of a URL has several addresses like a headless Service, every address.
/// </summary>
internal sealed class DoveadmServers : IMailServers
{
    /// <summary>A server that has not answered by then counts as not notified.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private static readonly HttpRequestOptionsKey<IPAddress> Address = new("address");

    private readonly DoveadmCredentials _credentials;
    private readonly TimeProvider _clock;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly ConcurrentDictionary<string, CircuitBreaker> _breakers = new(StringComparer.Ordinal);

    public DoveadmServers(
        IBackendSecrets secrets, TimeProvider clock, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        _credentials = new DoveadmCredentials(secrets);
        _clock = clock;
        _resolve = resolve ?? Dns.GetHostAddressesAsync;
    }

    public async Task<string?> SecretProblemAsync(MailBackendSpec spec, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        foreach (string secret in (spec.Dovecot?.Doveadm ?? [])
            .Select(static server => server.CredentialsSecret.Name)
            .Where(ObjectNames.IsValid)
            .Distinct(StringComparer.Ordinal))
        {
            try
            {
                await _credentials.ReadAsync(secret, cancellationToken);
            }
            catch (MailBackendException e) when (e.IsSecretIncomplete)
            {
                problems.Add(e.Message);
            }
        }

        return problems.Count > 0 ? string.Join(" ", problems) : null;
    }

    public async Task TellAsync(
        MailBackendSpec spec, ImmutableArray<string> mailboxes, bool endsSessions, CancellationToken cancellationToken)
    {
        // A server that cannot be reached must not prevent the others from being notified.
        MailBackendException?[] failures = await Task.WhenAll((spec.Dovecot?.Doveadm ?? []).Select(async server =>
        {
            try
            {
                await TellAsync(server, mailboxes, endsSessions, cancellationToken);
                return null;
            }
            catch (MailBackendException e)
            {
                return e;
            }
        }));
        if (failures.FirstOrDefault(static failure => failure is not null) is { } failure)
        {
            throw failure;
        }
    }

    private async Task TellAsync(
        DoveadmSpec server, ImmutableArray<string> mailboxes, bool endsSessions, CancellationToken cancellationToken)
    {
        bool flushesCache = server.AuthCache != AuthCacheTreatment.None;
        if (!flushesCache && !endsSessions)
        {
            return;
        }

        if (DoveadmValidator.Validate(server).FirstOrDefault() is { } invalid)
        {
            throw Failed(server, invalid);
        }

        byte[] commands = DoveadmCommands.Write(mailboxes, flushesCache, endsSessions);
        string? Problem(byte[] answer) => DoveadmCommands.ProblemIn(answer, mailboxes, flushesCache, endsSessions);
        CircuitBreaker breaker = _breakers.GetOrAdd(server.Url, static (_, clock) => new CircuitBreaker(clock), _clock);
        if (breaker.Admit() > TimeSpan.Zero)
        {
            throw Failed(server, "it did not answer the last few times");
        }

        AuthenticationHeaderValue credentials = await _credentials.ReadAsync(
            server.CredentialsSecret.Name, cancellationToken);
        long started = _clock.GetTimestamp();
        using var silence = new CancellationTokenSource(Timeout, _clock);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            var url = new Uri(server.Url);
            using HttpClient http = Client(server);
            IPAddress[] addresses = OfOneFamily(await _resolve(url.IdnHost, deadline.Token));
            string?[] problems = await Task.WhenAll(addresses.Select(address =>
                PostAsync(http, url, address, credentials, commands, Problem, deadline.Token)));
            breaker.Succeeded();
            if (problems.FirstOrDefault(static problem => problem is not null) is { } problem)
            {
                throw Failed(server, problem);
            }
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            breaker.Failed(_clock.GetElapsedTime(started));
            throw Failed(server, Words(e), e);
        }
    }

    private static async Task<string?> PostAsync(
        HttpClient http,
        Uri url,
        IPAddress address,
        AuthenticationHeaderValue credentials,
        byte[] commands,
        Func<byte[], string?> problemIn,
        CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(commands) };
        request.Options.Set(Address, address);
        request.Headers.Authorization = credentials;
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.OK => problemIn(await response.Content.ReadAsByteArrayAsync(cancellationToken)),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => "it refuses the credentials",
            var code => $"it answers with HTTP status {(int)code}",
        };
    }

    // One for each call: no connection is kept, because a pool does not distinguish the addresses of a host.
    private static HttpClient Client(DoveadmSpec server)
    {
        SocketsHttpHandler handler = BackendHttp.Handler(CaBundle.Read(server.CaBundle));
        handler.PooledConnectionLifetime = TimeSpan.Zero;
        handler.ConnectCallback = ConnectAsync;
        return BackendHttp.Client(handler, maxAnswer: 1 << 20);
    }

    // In a dual-stack cluster a pod has an address of each family: both are the same server.
    private static IPAddress[] OfOneFamily(IPAddress[] addresses) =>
        addresses.Where(static address => address.AddressFamily == AddressFamily.InterNetwork).ToArray() switch
        {
            { Length: > 0 } v4 => v4,
            _ when addresses.Length > 0 => addresses,
            _ => throw new SocketException((int)SocketError.HostNotFound),
        };

    private static async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        context.InitialRequestMessage.Options.TryGetValue(Address, out IPAddress? address);
        var socket = new Socket(address!.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Words(Exception e) => e switch
    {
        OperationCanceledException => $"no answer within {Timeout.TotalSeconds} s",
        HttpRequestException { InnerException: AuthenticationException tls } =>
            $"its TLS certificate is not accepted: {ServerCertificates.Words(tls).TrimEnd('.')}; correct caBundle or "
            + "url in spec.dovecot.doveadm",
        _ => e.Message,
    };

    private static MailBackendException Failed(DoveadmSpec server, string problem, Exception? innerException = null) =>
        new(
            BackendFailure.Unavailable,
            $"Dovecot at {server.Url} could not be told to forget a password and to end sessions: {problem}.",
            innerException);
}
