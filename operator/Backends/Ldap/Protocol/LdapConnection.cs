using System.Formats.Asn1;
using System.Net.Security;
using System.Net.Sockets;

namespace MailOperator.Backends.Ldap.Protocol;

/// <summary>
/// A connection to a directory: one request after the other, for one user at a time. After any exception but
/// <see cref="LdapException"/> nobody knows what is still on its way: dispose of it.
/// </summary>
/// <remarks>
/// Ours, and not System.DirectoryServices.Protocols (tried: 10.0.14 over Debian's libldap 2.5.13), because a directory that is
/// down must not take the operator with it. There a bind to a server that accepts and never answers held its thread for 15
/// seconds at a Timeout of 2, beyond the disposal of the connection, and 50 calls of BeginSendRequest on silent connections had
/// not returned after 30 seconds. It needs a native libldap in the image (DllNotFoundException without), and every failure of
/// TLS is its code 81, "server is unavailable", so that nobody can say that a certificate is to be corrected.
/// </remarks>
internal sealed class LdapConnection : IAsyncDisposable
{
    /// <summary>An answer that is longer is not one of a directory that we know.</summary>
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

    /// <exception cref="SocketException">It is not reached.</exception>
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

    /// <summary>Encrypts from here on.</summary>
    /// <param name="options">The name of the host and how it is verified.</param>
    /// <param name="asks">By StartTLS on a port that is plain; without, the port speaks TLS from the beginning.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The server is not the right one.</exception>
    public async Task EncryptAsync(SslClientAuthenticationOptions options, bool asks, CancellationToken cancellationToken)
    {
        if (asks)
        {
            await RunAsync(new ExtendedOperation(StartTls), cancellationToken);
        }

        var encrypted = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = encrypted;
        await encrypted.AuthenticateAsClientAsync(options, cancellationToken);
    }

    /// <summary>The entries that a search finds: all of them, or as many as are enough.</summary>
    /// <exception cref="LdapException">It was not done, or found more than it may give, or a part is in another directory.</exception>
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
                if (answer.Code != LdapCode.SizeLimitExceeded || search.SizeLimit == 0 || entries.Count < search.SizeLimit)
                {
                    ThrowIfFailed(search, answer);
                }

                return isPart ? throw new LdapException(LdapCode.Referral, search.Dn, "") : entries;
            }
        }
    }

    /// <summary>Does one thing, which is any but a search.</summary>
    /// <exception cref="LdapException">It was not done.</exception>
    public async Task RunAsync(LdapOperation operation, CancellationToken cancellationToken)
    {
        int id = await SendAsync(operation, cancellationToken);
        ThrowIfFailed(operation, await ReceiveAsync(id, cancellationToken));
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose(); // a closed connection is as good as an unbind, and cannot hang
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
        writer.Reset(); // wipes a password with the rest
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
                : throw new IOException(answer.MessageId == 0 ? $"It ends the connection. {answer.Diagnostics}" : "It answered another request.");
        }
        catch (AsnContentException e)
        {
            throw new IOException("What it answers is not LDAP.", e);
        }
    }

    private async Task<byte[]> ReadMessageAsync(CancellationToken cancellationToken)
    {
        byte[] head = new byte[6]; // a tag, and a length of one byte or of up to four after it
        await _stream.ReadExactlyAsync(head.AsMemory(0, 2), cancellationToken);
        int more = head[1] < 0x80 ? 0 : head[1] & 0x7f;
        if (more > 4)
        {
            throw new IOException("What it answers is not LDAP.");
        }

        await _stream.ReadExactlyAsync(head.AsMemory(2, more), cancellationToken);
        long length = more == 0 ? head[1] : head.AsSpan(2, more).ToArray().Aggregate(0L, static (sum, part) => (sum << 8) | part);
        if (length > MaxAnswerLength)
        {
            throw new IOException($"What it answers is {length} bytes long.");
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
