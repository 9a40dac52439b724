using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>An unused port on loopback.</summary>
internal static class FreePort
{
    /// <summary>It stays free until it is used, because it is below the kernel's range of ephemeral ports.</summary>
    public static int Find()
    {
        for (; ; )
        {
            using var listener = new TcpListener(IPAddress.Loopback, RandomNumberGenerator.GetInt32(20000, 32000));
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // In use: try another one.
            }
        }
    }
}
