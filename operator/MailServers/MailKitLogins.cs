using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.Passwords;

namespace MailOperator.MailServers;

/// <summary>
/// Logs in with MailKit. Logs nothing that is sent and lets no exception of MailKit out, because an answer of a server
/// may repeat the password. Does not ask a server for a while after it failed to answer several times.
/// </summary>
internal sealed class MailKitLogins(TimeProvider clock) : IMailLogins
{
    private readonly ConcurrentDictionary<ClientEndpoint, CircuitBreaker> _breakers = new();

    public async Task<LoginAnswer> TryAsync(
        ClientEndpoint endpoint,
        string username,
        AppPassword password,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        CircuitBreaker breaker = _breakers.GetOrAdd(endpoint, static (_, clock) => new CircuitBreaker(clock), clock);
        if (breaker.Admit() > TimeSpan.Zero)
        {
            return Unclear(endpoint, "it did not answer the last few times");
        }

        long started = clock.GetTimestamp();
        using var silence = new CancellationTokenSource(timeout, clock);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        LoginAnswer answer;
        try
        {
            answer = await LogInAsync(endpoint, username, password, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            answer = Unclear(endpoint, $"no answer within {timeout.TotalSeconds:0} s");
        }

        if (answer.Outcome == LoginOutcome.Unclear)
        {
            breaker.Failed(clock.GetElapsedTime(started));
        }
        else
        {
            breaker.Succeeded();
        }

        return answer;
    }

    private static async Task<LoginAnswer> LogInAsync(
        ClientEndpoint endpoint, string username, AppPassword password, CancellationToken cancellationToken)
    {
        if (CaBundle.Problem(endpoint.Authorities()) is { } problem)
        {
            return Unclear(endpoint, $"spec.client.caBundle of the MailBackend {problem}");
        }

        using MailService client = ClientFor(endpoint);
        // MailKit's default callback trusts some certificates that the system does not.
        client.ServerCertificateValidationCallback = static (_, _, _, errors) => errors == SslPolicyErrors.None;
        client.CheckCertificateRevocation = false; // private authorities seldom publish revocations
        try
        {
            await client.ConnectAsync(endpoint.Host, endpoint.Port, Security(endpoint.Security), cancellationToken);
            await AuthenticateAsync(client, username, password, cancellationToken);
            await client.DisconnectAsync(quit: true, cancellationToken);
            return new LoginAnswer(LoginOutcome.Accepted, $"{Named(endpoint)} accepts it");
        }
        catch (AuthenticationException e)
        {
            return ServerText.IsTemporary(e.Message)
                ? Unclear(endpoint, ServerText.Quote(e.Message, username, password))
                : new LoginAnswer(
                    LoginOutcome.Refused,
                    $"{Named(endpoint)} refuses it: {ServerText.Quote(e.Message, username, password)}");
        }
        catch (SslHandshakeException e) when (ServerCertificates.UseProblem(e.ServerCertificate) is { } use)
        {
            return Unclear(endpoint, $"its certificate is not accepted: {use}");
        }
        catch (SslHandshakeException)
        {
            return Unclear(endpoint, "no TLS, or its certificate is not one that the operator trusts for this name; "
                + "spec.client.caBundle of the MailBackend sets an authority of your own");
        }
        catch (NotSupportedException)
        {
            return Unclear(endpoint, "it offers no STARTTLS, or no way to log in with a password");
        }
        catch (SocketException e)
        {
            return Unclear(endpoint, $"no connection ({e.SocketErrorCode})");
        }
        catch (Exception e) when (e is IOException
            or ProtocolException
            or CommandException
            or ServiceNotConnectedException
            or InvalidOperationException
            or ArgumentException)
        {
            return Unclear(endpoint, $"it hung up, or does not speak {endpoint.Protocol}");
        }
    }

    /// <summary>
    /// Uses one mechanism, so that a refusal counts as one failed login at the server and not one per mechanism.
    /// </summary>
    private static Task AuthenticateAsync(
        MailService client, string username, AppPassword password, CancellationToken cancellationToken)
    {
        string secret = password.Reveal();
        // With IMAP, MailKit returns the server's text for a refusal only for the command LOGIN.
        bool mayUseLogin = client is ImapClient imap && !imap.Capabilities.HasFlag(ImapCapabilities.LoginDisabled);
        if (!mayUseLogin && client.AuthenticationMechanisms.Contains("PLAIN"))
        {
            return client.AuthenticateAsync(new SaslMechanismPlain(username, secret), cancellationToken);
        }

        if (!mayUseLogin && client.AuthenticationMechanisms.Contains("LOGIN"))
        {
            return client.AuthenticateAsync(new SaslMechanismLogin(username, secret), cancellationToken);
        }

        // Then MailKit uses the command LOGIN of IMAP, or USER and PASS of POP3.
        client.AuthenticationMechanisms.Clear();
        return client.AuthenticateAsync(Encoding.UTF8, username, secret, cancellationToken);
    }

    private static MailService ClientFor(ClientEndpoint endpoint)
    {
        X509ChainPolicy policy = ServerCertificates.Policy(CaBundle.Read(endpoint.Authorities()));
        return endpoint.Protocol switch
        {
            MailProtocol.IMAP => new VerifiedImapClient(policy),
            MailProtocol.POP3 => new VerifiedPop3Client(policy),
            _ => new VerifiedSmtpClient(policy),
        };
    }

    private static SecureSocketOptions Security(ConnectionSecurity security) => security switch
    {
        ConnectionSecurity.TLS => SecureSocketOptions.SslOnConnect,
        ConnectionSecurity.STARTTLS => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.None,
    };

    private static LoginAnswer Unclear(ClientEndpoint endpoint, string why) =>
        new(LoginOutcome.Unclear, $"{Named(endpoint)} could not be asked: {why}");

    private static string Named(ClientEndpoint endpoint) => $"{endpoint.Protocol} at {endpoint.Host}:{endpoint.Port}";
}
