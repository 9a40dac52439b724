using System.Formats.Asn1;
using System.Net.Security;
using System.Net.Sockets;

namespace MailOperator.Backends.Ldap.Protocol;

/// <summary>
/// A connection to a directory: one request at a time, not thread-safe. After any exception but
/// <see cref="LdapException"/> an answer may still arrive: dispose it.
/// </summary>
/// <remarks>
/// Ours, and not System.DirectoryServices.Protocols (tried: 10.0.14 over Debian's libldap 2.5.13), because a directory
/// that is down must not take the operator with it. There a bind to a server that accepts and never answers held its
/// thread for 15 seconds at a Timeout of 2, beyond the disposal of the connection, and 50 calls of BeginSendRequest on
/// silent connections had not returned after 30 seconds. It needs a native libldap in the image (DllNotFoundException
/// without), and every failure of TLS is its code 81, "server is unavailable", so that nobody can say that a
/// certificate is to be corrected.
/// </remarks>
internal sealed class LdapConnection : IAsyncDisposable
{
    /// <summary>Maximum length of an answer, in bytes.</summary>
    private const int MaxAnswerLength = 16 * 1024 * 1024;

    private const string StartTls = "1.3.6.1.4.1.1466.20037";

    private readonly TcpClient _client;
    private Stream _stream;
    private int _messages;

    private LdapConnection(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    /// <exception cref="SocketException">The server cannot be reached.</exception>
    public static async Task<LdapConnection> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        var client = new TcpClient { NoDelay = true };
        try
        {
            await client.ConnectAsync(host, port, cancellationToken);
            return new LdapConnection(client);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Switches the connection to TLS.</summary>
    /// <param name="options">The host name and how it is verified.</param>
    /// <param name="asks">True for StartTLS on a plain port; false for a port that uses TLS from the start.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The server's certificate is not
    /// accepted.</exception>
    public async Task EncryptAsync(
        SslClientAuthenticationOptions options, bool asks, CancellationToken cancellationToken)
    {
        if (asks)
        {
            await RunAsync(new ExtendedOperation(StartTls), cancellationToken);
        }

        var encrypted = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = encrypted;
        await encrypted.AuthenticateAsClientAsync(options, cancellationToken);
    }

    /// <summary>Returns the entries that a search finds, up to its size limit.</summary>
    /// <exception cref="LdapException">The search failed, exceeded a limit of the server, or would continue in another
    /// directory.</exception>
    public async Task<IReadOnlyList<LdapEntry>> SearchAsync(SearchOperation search, CancellationToken cancellationToken)
    {
        int id = await SendAsync(search, cancellationToken);
        var entries = new List<LdapEntry>();
        bool isPart = false;
        while (true)
        {
            LdapAnswer answer = await ReceiveAsync(id, cancellationToken);
            if (answer.Entry is { } entry)
            {
                entries.Add(entry);
            }

            isPart |= answer.IsReference;
            if (answer.IsLast)
            {
                bool isComplete = answer.Code == LdapCode.SizeLimitExceeded && search.SizeLimit > 0
                    && entries.Count >= search.SizeLimit;
                if (!isComplete)
                {
                    ThrowIfFailed(search, answer);
                }

                return isPart ? throw new LdapException(LdapCode.Referral, search.Dn, "") : entries;
            }
        }
    }

    /// <summary>Runs any operation but a search.</summary>
    /// <exception cref="LdapException">The operation failed.</exception>
    public async Task RunAsync(LdapOperation operation, CancellationToken cancellationToken)
    {
        int id = await SendAsync(operation, cancellationToken);
        ThrowIfFailed(operation, await ReceiveAsync(id, cancellationToken));
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose(); // closing is as good as an unbind, and cannot hang
        return _stream.DisposeAsync();
    }

    private async Task<int> SendAsync(LdapOperation operation, CancellationToken cancellationToken)
    {
        int id = ++_messages;
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            operation.Write(writer);
        }

        byte[] message = writer.Encode();
        writer.Reset(); // wipes a password too
        try
        {
            await _stream.WriteAsync(message, cancellationToken);
            return id;
        }
        finally
        {
            Array.Clear(message);
        }
    }

    private async Task<LdapAnswer> ReceiveAsync(int id, CancellationToken cancellationToken)
    {
        try
        {
            var answer = LdapAnswer.Read(await ReadMessageAsync(cancellationToken));
            return answer.MessageId == id
                ? answer
                : throw new IOException(answer.MessageId == 0
                    ? $"It closes the connection. {answer.Diagnostics}"
                    : "It answered another request.");
        }
        catch (AsnContentException e)
        {
            throw new IOException("Its answer is not LDAP.", e);
        }
    }

    private async Task<byte[]> ReadMessageAsync(CancellationToken cancellationToken)
    {
        byte[] head = new byte[6]; // a tag, and a length in one byte or in up to four more
        await _stream.ReadExactlyAsync(head.AsMemory(0, 2), cancellationToken);
        int more = head[1] < 0x80 ? 0 : head[1] & 0x7f;
        if (more > 4)
        {
            throw new IOException("Its answer is not LDAP.");
        }

        await _stream.ReadExactlyAsync(head.AsMemory(2, more), cancellationToken);
        long length = more == 0
            ? head[1]
            : head.AsSpan(2, more).ToArray().Aggregate(0L, static (sum, part) => (sum << 8) | part);
        if (length > MaxAnswerLength)
        {
            throw new IOException($"Its answer is {length} bytes long.");
        }

        byte[] message = new byte[2 + more + length];
        head.AsSpan(0, 2 + more).CopyTo(message);
        await _stream.ReadExactlyAsync(message.AsMemory(2 + more), cancellationToken);
        return message;
    }

    private static void ThrowIfFailed(LdapOperation operation, LdapAnswer answer)
    {
        if (answer.Code != LdapCode.Success)
        {
            throw new LdapException(answer.Code, operation.Dn, answer.Diagnostics);
        }
    }
}
