using System.Net;

namespace MailOperator.Portal;

/// <summary>An address that a role listens at.</summary>
internal static class ListenAddress
{
    /// <summary>Whether the web server can listen there: http, without a path, with a port that exists.</summary>
    public static bool IsUsable(string url) =>
        Parse(url) is { Scheme: "http", PathBase: "", Port: >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort };

    /// <summary>The port of an address that <see cref="IsUsable"/>.</summary>
    public static int PortOf(string url) => BindingAddress.Parse(url).Port;

    private static BindingAddress? Parse(string url)
    {
        try
        {
            return BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
