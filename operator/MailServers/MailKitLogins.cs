using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Net.Pop3;
using MailKit.Net.Smtp;
using MailKit.Security;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Passwords;

namespace MailOperator.MailServers;

/// <summary>
/// Logins by MailKit. Nothing of what is sent is logged, and no exception of it gets out: what a server says may repeat
/// what it was told. A server that does not answer is left alone for a while.
/// </summary>
internal sealed class MailKitLogins(TimeProvider clock) : IMailLogins
{
    private readonly ConcurrentDictionary<ClientEndpoint, CircuitBreaker> _breakers = new();

    public async Task<LoginAnswer> TryAsync(
        ClientEndpoint endpoint, string username, AppPassword password, TimeSpan patience, CancellationToken cancellationToken)
    {
        CircuitBreaker breaker = _breakers.GetOrAdd(endpoint, static (_, clock) => new CircuitBreaker(clock), clock);
        if (breaker.Admit() > TimeSpan.Zero)
        {
            return Unclear(endpoint, "it did not answer the last few times");
        }

        using var silence = new CancellationTokenSource(patience, clock);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        LoginAnswer answer;
        try
        {
            answer = await LogInAsync(endpoint, username, password, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            answer = Unclear(endpoint, $"no answer within {patience.TotalSeconds:0} s");
        }

        if (answer.Outcome == LoginOutcome.Unclear)
        {
            breaker.Failed();
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
        using MailService client = ClientFor(endpoint.Protocol);
        client.ServerCertificateValidationCallback = static (_, _, _, errors) => errors == SslPolicyErrors.None; // and none that MailKit knows
        client.CheckCertificateRevocation = false; // an authority of one's own seldom publishes any
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
                : new LoginAnswer(LoginOutcome.Refused, $"{Named(endpoint)} refuses it: {ServerText.Quote(e.Message, username, password)}");
        }
        catch (SslHandshakeException)
        {
            return Unclear(endpoint, "no TLS, or its certificate is not one that the operator trusts for this name");
        }
        catch (NotSupportedException)
        {
            return Unclear(endpoint, "it offers no STARTTLS, or no way to log in with a password");
        }
        catch (SocketException e)
        {
            return Unclear(endpoint, $"no connection ({e.SocketErrorCode})");
        }
        catch (Exception e) when (e is IOException or ProtocolException or CommandException or ServiceNotConnectedException or InvalidOperationException or ArgumentException)
        {
            return Unclear(endpoint, $"it hung up, or does not speak {endpoint.Protocol}");
        }
    }

    /// <summary>One mechanism, so that a refusal is one failed login to the server and not one for each that it offers.</summary>
    private static Task AuthenticateAsync(MailService client, string username, AppPassword password, CancellationToken cancellationToken)
    {
        string secret = password.Reveal();
        // Of IMAP's LOGIN, and of nothing else there, MailKit passes on what the server says to a refusal.
        bool mayUseLogin = client is ImapClient imap && !imap.Capabilities.HasFlag(ImapCapabilities.LoginDisabled);
        if (!mayUseLogin && client.AuthenticationMechanisms.Contains("PLAIN"))
        {
            return client.AuthenticateAsync(new SaslMechanismPlain(username, secret), cancellationToken);
        }

        if (!mayUseLogin && client.AuthenticationMechanisms.Contains("LOGIN"))
        {
            return client.AuthenticateAsync(new SaslMechanismLogin(username, secret), cancellationToken);
        }

        client.AuthenticationMechanisms.Clear(); // what is left are IMAP's command LOGIN, and POP3's USER and PASS
        return client.AuthenticateAsync(Encoding.UTF8, username, secret, cancellationToken);
    }

    private static MailService ClientFor(MailProtocol protocol) => protocol switch
    {
        MailProtocol.IMAP => new ImapClient(),
        MailProtocol.POP3 => new Pop3Client(),
        _ => new SmtpClient(),
    };

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
