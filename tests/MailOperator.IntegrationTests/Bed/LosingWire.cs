using System.Net;
using System.Net.Sockets;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// Leads from 127.0.0.2 to a port of 127.0.0.1, for a protocol of one request after the other. It takes so many requests: the
/// last is done by the server, and its answer is lost with the connection.
/// </summary>
internal sealed class LosingWire : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Parse("127.0.0.2"), 0);
    private readonly int _port;
    private int _left;

    public LosingWire(int port, int requests)
    {
        (_port, _left) = (port, requests);
        _listener.Start();
        _ = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (_left > 0)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(Token);
                using var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, _port, Token);
                await ForwardAsync(client.GetStream(), server.GetStream());
            }

            Dispose(); // nobody is let in any more
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ForwardAsync(NetworkStream client, NetworkStream server)
    {
        Task answers = AnswerAsync(client, server);
        byte[] request = new byte[64 * 1024];
        while (_left > 0 && await client.ReadAsync(request, Token) is var length && length > 0)
        {
            _left--;
            await server.WriteAsync(request.AsMemory(0, length), Token);
        }

        if (_left == 0)
        {
            await answers;
        }
    }

    /// <summary>Ends with the first that is heard of the answer that is lost.</summary>
    private async Task AnswerAsync(NetworkStream client, NetworkStream server)
    {
        byte[] answer = new byte[64 * 1024];
        while (await server.ReadAsync(answer, Token) is var length && length > 0 && _left > 0)
        {
            await client.WriteAsync(answer.AsMemory(0, length), Token);
        }
    }
}
