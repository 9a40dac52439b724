using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// A TCP proxy to a server on 127.0.0.1, which injects faults. A step is a message that a client sends, on any
/// connection; in a protocol of requests and answers, a request.
/// </summary>
internal sealed class FaultProxy : ITrouble
{
    private const int BufferSize = 64 * 1024;
    private const int SmallPiece = 200;
    private static readonly TimeSpan PauseOfTheSlow = TimeSpan.FromMilliseconds(2);

    private readonly int _serverPort;
    private readonly IPEndPoint _address;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<Socket, bool> _open = new();
    private volatile Fault _fault = new(FaultKind.None, 0);
    private Socket _socket;

    /// <param name="serverPort">The port of the server.</param>
    /// <param name="host">The loopback address at which it listens.</param>
    public FaultProxy(int serverPort, string host = "127.0.0.1")
    {
        _serverPort = serverPort;
        _socket = Bind(new IPEndPoint(IPAddress.Parse(host), 0));
        _address = (IPEndPoint)_socket.LocalEndPoint!;
        Listen();
    }

    private enum FaultKind
    {
        None,
        Stalls,
        Slows,
        Cuts,
        LosesAnswer,
    }

    public int Port => _address.Port;

    public Task RefuseAsync()
    {
        EndAll();
        _socket.Dispose();
        _socket = Bind(_address); // reserves the port without listening
        return Task.CompletedTask;
    }

    public Task StallAsync() => Make(FaultKind.Stalls, 0);

    public async Task StalledAsync() =>
        await Eventually.TrueAsync(
            "something is sent to what has stalled",
            () => Task.FromResult(_fault is { Kind: FaultKind.Stalls, Steps: > 0 }));

    public Task SlowAsync() => Make(FaultKind.Slows, 0);

    public Task CutAsync(int step) => Make(FaultKind.Cuts, step);

    public Task LoseAnswerAsync(int step) => Make(FaultKind.LosesAnswer, step);

    public Task RecoverAsync()
    {
        Make(FaultKind.None, 0);
        EndAll();
        _socket.Dispose();
        _socket = Bind(_address);
        Listen();
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _socket.Dispose();
        EndAll();
        _end.Dispose();
    }

    private static Socket Bind(IPEndPoint address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(address);
        return socket;
    }

    private Task Make(FaultKind kind, int step)
    {
        _fault = new Fault(kind, step);
        return Task.CompletedTask;
    }

    private void EndAll()
    {
        foreach (Socket open in _open.Keys)
        {
            open.Dispose();
        }
    }

    private void Listen()
    {
        _socket.Listen();
        _ = AcceptAsync(_socket);
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                _ = LeadAsync(await listener.AcceptAsync(_end.Token));
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
        }
    }

    private async Task LeadAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            _open[client] = _open[server] = true;
            try
            {
                if (!_fault.IsOver)
                {
                    await server.ConnectAsync(IPAddress.Loopback, _serverPort, _end.Token);
                    await Task.WhenAny(
                        QuietlyAsync(SendAsync(client, server)), QuietlyAsync(AnswerAsync(server, client)));
                }
            }
            catch (Exception e) when (IsEnd(e))
            {
            }
            finally
            {
                _open.TryRemove(client, out _);
                _open.TryRemove(server, out _);
            }
        }
    }

    private async Task SendAsync(Socket client, Socket server)
    {
        byte[] buffer = new byte[BufferSize];
        while (await client.ReceiveAsync(buffer, _end.Token) is > 0 and var length)
        {
            Fault fault = _fault;
            int step = fault.Next();
            if (fault.Kind == FaultKind.Stalls)
            {
                continue;
            }

            if (fault.IsOver || (fault.Kind == FaultKind.Cuts && step >= fault.Step))
            {
                int half = fault.IsOver ? 0 : length / 2;
                fault.IsOver = true;
                await server.SendAsync(buffer.AsMemory(0, half), _end.Token);
                return;
            }

            await server.SendAsync(buffer.AsMemory(0, length), _end.Token);
        }
    }

    private async Task AnswerAsync(Socket server, Socket client)
    {
        byte[] buffer = new byte[BufferSize];
        while (await server.ReceiveAsync(buffer, _end.Token) is > 0 and var length)
        {
            Fault fault = _fault;
            if (fault.Kind == FaultKind.LosesAnswer && fault.Steps >= fault.Step)
            {
                // This may be the rest of an earlier response. A server that receives no more completes the request and
                // then ends.
                fault.IsOver = true;
                server.Shutdown(SocketShutdown.Send);
                while (await server.ReceiveAsync(buffer, _end.Token) > 0)
                {
                }

                return;
            }

            int piece = fault.Kind == FaultKind.Slows ? SmallPiece : length;
            for (int sent = 0; sent < length; sent += piece)
            {
                await client.SendAsync(buffer.AsMemory(sent, Math.Min(piece, length - sent)), _end.Token);
                if (fault.Kind == FaultKind.Slows)
                {
                    await Task.Delay(PauseOfTheSlow, TimeProvider.System, _end.Token);
                }
            }
        }
    }

    private static async Task QuietlyAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (IsEnd(e))
        {
        }
    }

    private static bool IsEnd(Exception e) =>
        e is SocketException or OperationCanceledException or ObjectDisposedException;

    /// <summary>A fault and its progress.</summary>
    private sealed class Fault(FaultKind kind, int step)
    {
        private int _steps;
        private volatile bool _isOver;

        public FaultKind Kind => kind;

        public int Step => step;

        /// <summary>The steps that clients have sent since it began.</summary>
        public int Steps => Volatile.Read(ref _steps);

        /// <summary>The fault has happened: the server does not answer any more.</summary>
        public bool IsOver
        {
            get => _isOver;
            set => _isOver = value;
        }

        public int Next() => Interlocked.Increment(ref _steps);
    }
}
