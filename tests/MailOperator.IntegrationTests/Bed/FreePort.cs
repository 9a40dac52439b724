using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>A port of loopback that nobody listens at.</summary>
internal static class FreePort
{
    /// <summary>It stays free until it is used: it is below those that the kernel gives to connections.</summary>
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
                // Another.
            }
        }
    }
}
