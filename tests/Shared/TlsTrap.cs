using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MailOperator.Tests;

/// <summary>
/// A server on loopback that speaks TLS and nothing else, with a certificate of its own authority, and the address that
/// its certificate names for the certificate of the issuer.
/// </summary>
internal sealed class TlsTrap : IAsyncDisposable
{
    public const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly TcpListener _issuer = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Greeting _greeting;
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _certificate;
    private readonly Task[] _running;
    private int _fetches;
    private int _shown;
    private int _accepted;

    /// <param name="use">The extended key usage of the certificate; null for a certificate without one.</param>
    /// <param name="isIssuerHidden">
    /// Whether an authority in between issued it, which only the address in the certificate leads to.
    /// </param>
    /// <param name="greeting">What precedes TLS.</param>
    /// <param name="name">The host that the certificate is for; clients connect to localhost.</param>
    public TlsTrap(
        string? use, bool isIssuerHidden = false, Greeting greeting = Greeting.None, string name = "localhost")
    {
        _greeting = greeting;
        _server.Start();
        _issuer.Start();
        (_root, ECDsa rootKey) = Authority("root", by: null);
        (X509Certificate2 by, ECDsa key) = isIssuerHidden ? Authority("between", _root) : (_root, rootKey);
        _certificate = Leaf(by, use, name);
        key.Dispose();
        _running = [AcceptAsync(_server, ServeAsync), AcceptAsync(_issuer, FetchedAsync)];
    }

    public enum Greeting
    {
        None,
        MySql,
        PostgreSql,
        Imap,
        Pop3,
        Smtp,
    }

    public int Port => ((IPEndPoint)_server.LocalEndpoint).Port;

    /// <summary>The root, in PEM.</summary>
    public byte[] Root => Encoding.ASCII.GetBytes((TrustedInstead ?? _root).ExportCertificatePem());

    /// <summary>A root of the same name that clients trust instead; null for the right one.</summary>
    public X509Certificate2? TrustedInstead { get; init; }

    /// <summary>A root that has issued nothing.</summary>
    public static X509Certificate2 OtherRoot()
    {
        (X509Certificate2 root, ECDsa key) = Authority("root", by: null);
        key.Dispose();
        return root;
    }

    /// <summary>How often somebody asked for what the certificate names.</summary>
    public int Fetches => Volatile.Read(ref _fetches);

    /// <summary>How many clients began TLS.</summary>
    public int Shown => Volatile.Read(ref _shown);

    /// <summary>How many clients went on after they had seen the certificate.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _server.Dispose();
        _issuer.Dispose();
        await Task.WhenAll(_running);
        _root.Dispose();
        _certificate.Dispose();
        _end.Dispose();
    }

    private static DateTimeOffset Yesterday => TimeProvider.System.GetUtcNow().AddDays(-1);

    private static (X509Certificate2 Certificate, ECDsa Key) Authority(string name, X509Certificate2? by)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return (by is null
            ? request.CreateSelfSigned(Yesterday, Yesterday.AddDays(30))
            : request.Create(by, Yesterday, Yesterday.AddDays(25), [1, 2, 3]).CopyWithPrivateKey(key), key);
    }

    private X509Certificate2 Leaf(X509Certificate2 by, string? use, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(by, true, includeIssuerAndSerial: false));
        string address = $"http://127.0.0.1:{((IPEndPoint)_issuer.LocalEndpoint).Port}/issuer.crt";
        request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [address]));
        if (use is not null)
        {
            request.CertificateExtensions.Add(
                new X509EnhancedKeyUsageExtension(new OidCollection { new Oid(use) }, critical: false));
        }

        using X509Certificate2 leaf = request.Create(by, Yesterday, Yesterday.AddDays(20), [4, 5, 6]);
        using X509Certificate2 withKey = leaf.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), password: null);
    }

    private async Task AcceptAsync(TcpListener listener, Func<TcpClient, Task> serve)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(_end.Token);
                await serve(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The end of the test: the listener is closed, or not even listening any more.
        }
    }

    private Task FetchedAsync(TcpClient client)
    {
        Interlocked.Increment(ref _fetches);
        return Task.CompletedTask;
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            await using NetworkStream plain = client.GetStream();
            await GreetAsync(plain);
            Interlocked.Increment(ref _shown);
            await using var encrypted = new SslStream(plain);
            await encrypted.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    // Offline: else this server itself fetches what its certificate names.
                    ServerCertificateContext = SslStreamCertificateContext.Create(_certificate, null, offline: true),
                },
                _end.Token);
            await encrypted.WriteAsync(_greeting switch
            {
                Greeting.Imap => "* OK hello\r\n"u8.ToArray(),
                Greeting.Pop3 => "+OK hello\r\n"u8.ToArray(),
                Greeting.Smtp => "220 hello\r\n"u8.ToArray(),
                _ => [],
            }, _end.Token);
            // With TLS 1.3 the server is done before the client has judged: only what it sends next tells.
            if (await encrypted.ReadAsync(new byte[1], _end.Token) > 0)
            {
                Interlocked.Increment(ref _accepted);
            }
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            // The client hung up.
        }
    }

    private async Task GreetAsync(NetworkStream plain)
    {
        if (_greeting == Greeting.PostgreSql)
        {
            await plain.ReadExactlyAsync(new byte[8], _end.Token); // SSLRequest
            await plain.WriteAsync("S"u8.ToArray(), _end.Token);
        }
        else if (_greeting == Greeting.MySql)
        {
            byte[] hello =
            [
                10, .. "8.0.36\0"u8, 1, 0, 0, 0, .. "abcdefgh\0"u8, // version, thread, the first part of the nonce
                0xff, 0xff, 255, 2, 0, 0xff, 0xdf, 21, .. new byte[10], // capabilities with TLS, utf8mb4, length
                .. "ijklmnopqrst\0"u8, .. "caching_sha2_password\0"u8,
            ];
            await plain.WriteAsync((byte[])[(byte)hello.Length, 0, 0, 0, .. hello], _end.Token);
            await plain.ReadExactlyAsync(new byte[36], _end.Token); // the request to switch to TLS
        }
    }
}
