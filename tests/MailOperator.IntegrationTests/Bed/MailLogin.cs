using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Net.Pop3;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>Logs in like a mail client and returns whether the server accepted it.</summary>
internal static class MailLogin
{
    public static Task<bool> ImapAsync(int port, string username, string password, string from = "127.0.0.1") =>
        TryAsync(new ImapClient(), port, username, password, from);

    public static Task<bool> Pop3Async(int port, string username, string password, string from = "127.0.0.1") =>
        TryAsync(new Pop3Client(), port, username, password, from);

    public static Task<bool> SubmissionAsync(int port, string username, string password, string from = "127.0.0.1") =>
        TryAsync(new SmtpClient(), port, username, password, from);

    /// <summary>With STARTTLS, which the shipped configuration requires.</summary>
    public static Task<bool> PostfixAsync(int port, string username, string password, string from = "127.0.0.1") =>
        TryAsync(PostfixClient(), port, username, password, from, SecureSocketOptions.StartTls);

    /// <summary>Sends a mail through Postfix and returns whether it accepted the sender.</summary>
    public static async Task<bool> SendAsync(int port, string username, string password, string sender)
    {
        using SmtpClient client = PostfixClient();
        await client.ConnectAsync(
            "127.0.0.1", port, SecureSocketOptions.StartTls, TestContext.Current.CancellationToken);
        await client.AuthenticateAsync(username, password, TestContext.Current.CancellationToken);
        using var message = new MimeMessage(
            [MailboxAddress.Parse(sender)], [MailboxAddress.Parse("somebody@example.org")], "A test",
            new TextPart { Text = "It works." });
        try
        {
            await client.SendAsync(message, TestContext.Current.CancellationToken);
            return true;
        }
        catch (SmtpCommandException refusal)
            when (refusal.ErrorCode is SmtpErrorCode.SenderNotAccepted or SmtpErrorCode.RecipientNotAccepted)
        {
            return false;
        }
    }

    /// <summary>
    /// Logs in with curl, which shares no code with the operator. The password goes to standard input, not to the
    /// command line.
    /// </summary>
    public static async Task<bool> CurlAsync(string url, string username, string password)
    {
        (int exitCode, _, string errors) = await Shell.TryAsync(
            "curl", ["--silent", "--show-error", "--max-time", "10", "--config", "-", url],
            $"user = \"{username}:{password}\"\n");
        Assert.True(
            exitCode is 0 or 67, $"curl ended with {exitCode}, which is neither a login nor a refusal: {errors}");
        return exitCode == 0;
    }

    /// <summary>The server's certificate is self-signed, so only its name is checked.</summary>
    private static SmtpClient PostfixClient() => new()
    {
        ServerCertificateValidationCallback = static (_, _, _, errors) =>
            errors is SslPolicyErrors.None or SslPolicyErrors.RemoteCertificateChainErrors,
    };

    private static async Task<bool> TryAsync(
        IMailService client,
        int port,
        string username,
        string password,
        string from,
        SecureSocketOptions security = SecureSocketOptions.None)
    {
        using (client)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            await socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
            await client.ConnectAsync(socket, "localhost", port, security, TestContext.Current.CancellationToken);
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
