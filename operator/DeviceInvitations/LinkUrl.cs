using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace MailOperator.DeviceInvitations;

/// <summary>
/// Writes and reads a link's URL. It ends with a token, 256 random bits in base64url, which is stored only in the link.
/// </summary>
internal static class LinkUrl
{
    private const int Bytes = 32;
    private const int TokenLength = 43;
    private const string Path = "/i/";

    public static string NewToken() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>The public hash of a token: SHA-256, in lower case hexadecimal.</summary>
    public static string HashOf(string token) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)));

    /// <summary>The URL of a link.</summary>
    /// <param name="portal">The portal's address, with or without a slash at its end.</param>
    /// <param name="token">The token.</param>
    public static string Of(Uri portal, string token) => portal.AbsoluteUri.TrimEnd('/') + Path + token;

    /// <summary>The token in a link, for any address of the portal; null if there is none.</summary>
    public static string? TokenIn(string url) =>
        url.LastIndexOf(Path, StringComparison.Ordinal) is var at and >= 0
        && url[(at + Path.Length)..] is { Length: TokenLength } token
        && Base64Url.IsValid(token)
            ? token
            : null;
}
