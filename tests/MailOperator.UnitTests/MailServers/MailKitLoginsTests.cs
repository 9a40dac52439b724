using System.Net;
using System.Net.Sockets;
using System.Text;
using MailOperator.Api;
using MailOperator.MailServers;
using MailOperator.Passwords;

namespace MailOperator.UnitTests.MailServers;

/// <summary>Logins at scripted servers on real sockets.</summary>
public sealed class MailKitLoginsTests
{
    private const string Text = "abc123Secret0123456789";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData("A00000000 OK welcome", nameof(LoginOutcome.Accepted))]
    [InlineData("A00000000 NO [AUTHENTICATIONFAILED] go away", nameof(LoginOutcome.Refused))]
    [InlineData("A00000000 NO [UNAVAILABLE] Temporary authentication failure.", nameof(LoginOutcome.Unclear))]
    [InlineData("* BYE shutting down", nameof(LoginOutcome.Unclear))]
    [InlineData("220 I am no IMAP server", nameof(LoginOutcome.Unclear))]
    [InlineData("A00000000 NO no such password: " + Text, nameof(LoginOutcome.Refused))]
    public async Task Try_ServerAnswers_ReportsItWithoutThePassword(string said, string outcome)
    {
        LoginAnswer answer = await TryImapAsync(said);

        Assert.Equal(outcome, answer.Outcome.ToString());
        Assert.StartsWith("IMAP at 127.0.0.1:", answer.Message);
        Assert.DoesNotContain(Text, answer.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Try_ServerDoesNotAnswer_EndsAfterTheTimeout()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();

        LoginAnswer answer = await TryAsync(
            new MailKitLogins(TimeProvider.System), server, ConnectionSecurity.None, TimeSpan.FromMilliseconds(300));

        Assert.Equal(LoginOutcome.Unclear, answer.Outcome);
        Assert.Contains("no answer within", answer.Message);
    }

    [Fact]
    public async Task Try_NobodyListens_IsUnclearAndNotTriedAgainAfterAFewTimes()
    {
        // Mutant: no circuit breaker. A mail server that is down would block the workers for every device.
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var logins = new MailKitLogins(TimeProvider.System);
        ClientEndpoint endpoint = At(server, ConnectionSecurity.None);
        server.Stop();

        LoginAnswer[] answers =
        [
            .. await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => TryAsync(logins, endpoint, Timeout))),
            await TryAsync(logins, endpoint, Timeout),
        ];

        Assert.All(answers, static answer => Assert.Equal(LoginOutcome.Unclear, answer.Outcome));
        Assert.Contains("ConnectionRefused", answers[0].Message);
        Assert.Contains("the last few times", answers[3].Message);
    }

    [Theory]
    [InlineData(nameof(ConnectionSecurity.TLS))]
    [InlineData(nameof(ConnectionSecurity.STARTTLS))]
    public async Task Try_ServerOffersNoTls_NeverSendsThePassword(string security)
    {
        // Mutant: STARTTLS only if it is offered. A man in the middle could remove the offer and read the password.
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        Task<string> heard = ServeAsync(server, "A00000000 OK welcome");

        LoginAnswer answer = await TryAsync(
            new MailKitLogins(TimeProvider.System), server, Enum.Parse<ConnectionSecurity>(security), Timeout);

        Assert.Equal(LoginOutcome.Unclear, answer.Outcome);
        Assert.DoesNotContain(" LOGIN ", await heard);
    }

    private static async Task<LoginAnswer> TryImapAsync(string said)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        Task<string> heard = ServeAsync(server, said);
        LoginAnswer answer = await TryAsync(
            new MailKitLogins(TimeProvider.System), server, ConnectionSecurity.None, Timeout);
        Assert.Equal(1, (await heard).Split(" LOGIN ").Length - 1); // one failed login only
        return answer;
    }

    private static Task<LoginAnswer> TryAsync(
        MailKitLogins logins, TcpListener server, ConnectionSecurity security, TimeSpan timeout) =>
        TryAsync(logins, At(server, security), timeout);

    private static async Task<LoginAnswer> TryAsync(MailKitLogins logins, ClientEndpoint endpoint, TimeSpan timeout)
    {
        using var password = new AppPassword(Encoding.ASCII.GetBytes(Text));
        return await logins.TryAsync(
            endpoint, "alerts@example.com", password, timeout, TestContext.Current.CancellationToken);
    }

    private static ClientEndpoint At(TcpListener server, ConnectionSecurity security) =>
        new(MailProtocol.IMAP, "127.0.0.1", ((IPEndPoint)server.LocalEndpoint).Port, security);

    /// <summary>
    /// Serves one client: sends this answer to its login, and OK to all other commands. Returns what the client sent.
    /// </summary>
    private static async Task<string> ServeAsync(TcpListener server, string toLogin)
    {
        using TcpClient client = await server.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await using NetworkStream stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.Latin1);
        await using var writer = new StreamWriter(stream, Encoding.Latin1) { AutoFlush = true, NewLine = "\r\n" };
        var heard = new StringBuilder();
        try
        {
            await writer.WriteLineAsync("* OK [CAPABILITY IMAP4rev1 AUTH=CRAM-MD5 AUTH=PLAIN SASL-IR] ready");
            while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                heard.AppendLine(line);
                string tag = line.Split(' ')[0];
                bool isLogin = line.Contains(" LOGIN ", StringComparison.Ordinal);
                await writer.WriteLineAsync(
                    isLogin ? toLogin.Replace("A00000000", tag, StringComparison.Ordinal) : $"{tag} OK done");
                if (isLogin && !toLogin.StartsWith("A00000000 ", StringComparison.Ordinal))
                {
                    break;
                }
            }
        }
        catch (IOException)
        {
            // The client hung up.
        }

        return heard.ToString();
    }
}
