using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace MailOperator.DeviceInvitations;

/// <summary>The secret part of a link: 256 random bits, in base64url. Kept nowhere but in the link.</summary>
internal static class LinkUrl
{
    private const int Bytes = 32;
    private const int Letters = 43;
    private const string Path = "/i/";

    public static string NewToken() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>What of it may be known: SHA-256, in lower case hexadecimal.</summary>
    public static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)));

    /// <param name="portal">The portal's address, with or without a slash at its end.</param>
    /// <param name="token">The token.</param>
    public static string Of(Uri portal, string token) => portal.AbsoluteUri.TrimEnd('/') + Path + token;

    /// <summary>The token in a link, whatever the address before it; null if there is none.</summary>
    public static string? TokenIn(string url) =>
        url.LastIndexOf(Path, StringComparison.Ordinal) is var at and >= 0 && url[(at + Path.Length)..] is { Length: Letters } token && Base64Url.IsValid(token)
            ? token
            : null;
}
