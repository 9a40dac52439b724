using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace MailOperator.Portal.Claims;

/// <summary>
/// Protects forms against cross-site request forgery without state on the server. The form carries a signature of the
/// browser's nonce cookie, made with a key derived from the link's token.
/// </summary>
internal static class FormGuard
{
    private const string Purpose = "form";

    /// <summary>The signature for the form of the browser with this nonce.</summary>
    public static string Sign(LinkToken token, byte[] nonce) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(token.DeriveKey(Purpose), nonce));

    /// <summary>Whether a form's signature was made by <see cref="Sign"/> for this link and this browser.</summary>
    public static bool IsOurs(LinkToken token, byte[]? nonce, string? signature) =>
        nonce is not null && signature is not null
        && CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(Sign(token, nonce)), Encoding.UTF8.GetBytes(signature));

    /// <summary>
    /// Whether the browser's own headers allow that a page of the portal sent the form. Because of our
    /// <c>no-referrer</c> browsers send the origin "null", and old ones send no header; then only the signature
    /// protects.
    /// </summary>
    public static bool IsFromHere(StringValues secFetchSite, StringValues origin, string ownOrigin) =>
        (secFetchSite.Count == 0 || secFetchSite == "same-origin")
        && (origin.Count == 0 || origin == "null" || origin == ownOrigin);
}
