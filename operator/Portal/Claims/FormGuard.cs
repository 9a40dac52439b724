using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace MailOperator.Portal.Claims;

/// <summary>
/// Tells a form of our page from one that another site made a browser send, without anything kept here: the form carries
/// the signature of a cookie that only our page has set, under a key that only the link's token gives.
/// </summary>
internal static class FormGuard
{
    private const string Purpose = "form";

    /// <summary>What the form carries for the browser with this nonce.</summary>
    public static string Sign(LinkToken token, byte[] nonce) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(token.DeriveKey(Purpose), nonce));

    public static bool IsOurs(LinkToken token, byte[]? nonce, string? signature) =>
        nonce is not null && signature is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Sign(token, nonce)), Encoding.UTF8.GetBytes(signature));

    /// <summary>
    /// What the browser itself says of where the form comes from. Under our own <c>no-referrer</c> it names its origin as
    /// "null", and an old one says nothing; then the signature has to do.
    /// </summary>
    public static bool IsFromHere(StringValues secFetchSite, StringValues origin, string ownOrigin) =>
        (secFetchSite.Count == 0 || secFetchSite == "same-origin")
        && (origin.Count == 0 || origin == "null" || origin == ownOrigin);
}
