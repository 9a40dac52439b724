using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>Passes TCP connections on, until one of them is frozen: then it stays open and nothing passes.</summary>
internal sealed class FreezingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _frozen = new();
    private readonly Task _running;
    private int _accepted;

    public FreezingProxy(int target)
    {
        _target = target;
        _listener.Start();
        _running = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Accepted => Volatile.Read(ref _accepted);

    /// <param name="connection">The number of the connection, from 0.</param>
    public void Freeze(int connection) => _frozen[connection].TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _running;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
                _frozen[_accepted] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                running.Add(PassAsync(client, _frozen[_accepted].Task));
                Interlocked.Increment(ref _accepted);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(running);
        }
    }

    private async Task PassAsync(TcpClient client, Task frozen)
    {
        using TcpClient near = client, far = new();
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _target, _end.Token);
            await Task.WhenAny(
                CopyAsync(near.GetStream(), far.GetStream(), frozen),
                CopyAsync(far.GetStream(), near.GetStream(), frozen));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
        {
            // an end has closed it
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, Task frozen)
    {
        byte[] buffer = new byte[16 * 1024];
        while (await from.ReadAsync(buffer, _end.Token) is > 0 and var read)
        {
            if (frozen.IsCompleted)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _end.Token);
            }

            await to.WriteAsync(buffer.AsMemory(0, read), _end.Token);
        }
    }
}
