using System.Net;
using System.Net.Sockets;

namespace MailOperator.IntegrationTests.Portal;

/// <summary>
/// A TCP proxy between a browser and the portal that can lose the answers to forms: requests arrive, answers do not.
/// </summary>
internal sealed class BadNetwork : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly Uri _portal;
    private int _lost;

    public BadNetwork(Uri portal)
    {
        _portal = portal;
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Whether answers to forms are lost.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>How many answers to forms were lost so far.</summary>
    public int Lost => Volatile.Read(ref _lost);

    public Uri LinkOf(string token) => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/i/{token}");

    public void Dispose()
    {
        _ending.Cancel();
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await _listener.AcceptTcpClientAsync(_ending.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // the test is over
        }
    }

    private async Task PassAsync(TcpClient browser)
    {
        using TcpClient from = browser, to = new();
        await to.ConnectAsync(_portal.Host, _portal.Port, _ending.Token);
        bool isForm = false;
        Task sent = CopyAsync(
            from.GetStream(), to.GetStream(),
            bytes => isForm = bytes.StartsWith("POST "u8) || isForm && !bytes.StartsWith("GET "u8));
        Task answered = CopyAsync(to.GetStream(), from.GetStream(), _ => isForm && LosesAnswers
            ? throw new IOException($"answer {Interlocked.Increment(ref _lost)} is lost")
            : true);
        await Task.WhenAny(sent, answered); // one side has closed, so close the other
    }

    private async Task CopyAsync(NetworkStream source, NetworkStream target, Look look)
    {
        byte[] buffer = new byte[64 * 1024];
        while (await source.ReadAsync(buffer, _ending.Token) is > 0 and int length)
        {
            look(buffer.AsSpan(0, length));
            await target.WriteAsync(buffer.AsMemory(0, length), _ending.Token);
        }
    }

    private delegate bool Look(ReadOnlySpan<byte> bytes);
}
