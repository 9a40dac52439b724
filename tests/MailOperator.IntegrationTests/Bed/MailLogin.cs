using System.Net;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Net.Pop3;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>Logs in as mail clients do, and tells whether the server let them.</summary>
internal static class MailLogin
{
    public static Task<bool> ImapAsync(int port, string username, string password, string from = "127.0.0.1") =>
        TryAsync(new ImapClient(), port, username, password, from);

    public static Task<bool> Pop3Async(int port, string username, string password, string from = "127.0.0.1") =>
        TryAsync(new Pop3Client(), port, username, password, from);

    public static Task<bool> SubmissionAsync(int port, string username, string password, string from = "127.0.0.1") =>
        TryAsync(new SmtpClient(), port, username, password, from);

    /// <summary>A client that is not ours in any way. The password goes through standard input, not the command line.</summary>
    public static async Task<bool> CurlAsync(string url, string username, string password)
    {
        (int exitCode, _, string errors) = await Shell.TryAsync(
            "curl", ["--silent", "--show-error", "--max-time", "10", "--config", "-", url], $"user = \"{username}:{password}\"\n");
        Assert.True(exitCode is 0 or 67, $"curl ended with {exitCode}, which is neither a login nor a refusal: {errors}");
        return exitCode == 0;
    }

    private static async Task<bool> TryAsync(IMailService client, int port, string username, string password, string from)
    {
        using (client)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            await socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
            await client.ConnectAsync(socket, "localhost", port, SecureSocketOptions.None, TestContext.Current.CancellationToken);
            try
            {
                await client.AuthenticateAsync(username, password, TestContext.Current.CancellationToken);
                return true;
            }
            catch (AuthenticationException)
            {
                return false;
            }
        }
    }
}
