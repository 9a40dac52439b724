using System.Buffers.Text;
using System.Security.Cryptography;

namespace MailOperator.Portal.Claims;

/// <summary>
/// The two cookies of a link: the sealed claim with its password, and the nonce from which the form's signature and
/// the claim are derived. Behind TLS their names have the prefix <c>__Host-</c> (RFC 6265bis): no other host, not even
/// one in the same domain, can plant a claim or a nonce in a person's browser. The prefix requires the path "/", so
/// the cookie's name says which link it belongs to.
/// </summary>
internal static class ClaimCookies
{
    /// <summary>How long a browser keeps a password that the mail server has not accepted yet.</summary>
    public static readonly TimeSpan KeptWhileWaiting = TimeSpan.FromDays(7);

    /// <summary>
    /// How long the page with the password can be opened again. Also how long after a claim its browser can still get
    /// the password if the answer was lost.
    /// </summary>
    public static readonly TimeSpan ShownFor = TimeSpan.FromMinutes(30);

    /// <summary>At least as much entropy as a password, because the password is derived from it.</summary>
    private const int NonceBytes = 32;

    private const string Claim = "claim";
    private const string Nonce = "nonce";
    private const int NameLetters = 16;

    /// <summary>This browser's claim of the link; null if it has none or one that does not open.</summary>
    public static BrowserClaim? ReadClaim(HttpContext context, LinkToken token, bool isBehindTls) =>
        ClaimSeal.Open(token, context.Request.Cookies[Name(Claim, token, isBehindTls)]);

    /// <summary>This browser's nonce for the link; null if it has none or a malformed one.</summary>
    public static byte[]? ReadNonce(HttpContext context, LinkToken token, bool isBehindTls)
    {
        string? text = context.Request.Cookies[Name(Nonce, token, isBehindTls)];
        byte[] nonce = new byte[NonceBytes];
        bool isNonce = Base64Url.IsValid(text, out int length)
            && length == NonceBytes
            && Base64Url.TryDecodeFromChars(text, nonce, out _);
        return isNonce ? nonce : null;
    }

    public static void WriteClaim(
        HttpContext context, LinkToken token, BrowserClaim claim, DateTimeOffset now, bool isBehindTls) =>
        context.Response.Cookies.Append(
            Name(Claim, token, isBehindTls),
            ClaimSeal.Seal(token, claim),
            Options(claim.ShownUntil is { } until ? until - now : KeptWhileWaiting, isBehindTls));

    /// <summary>
    /// Gives the browser a nonce, in place of the one that it has. Not a session cookie, because phones end browsers
    /// that are in the background.
    /// </summary>
    public static byte[] WriteNonce(HttpContext context, LinkToken token, bool isBehindTls)
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        context.Response.Cookies.Append(
            Name(Nonce, token, isBehindTls),
            Base64Url.EncodeToString(nonce),
            Options(KeptWhileWaiting, isBehindTls));
        return nonce;
    }

    public static void Forget(HttpContext context, LinkToken token, bool isBehindTls)
    {
        context.Response.Cookies.Delete(Name(Claim, token, isBehindTls), Options(maxAge: null, isBehindTls));
        context.Response.Cookies.Delete(Name(Nonce, token, isBehindTls), Options(maxAge: null, isBehindTls));
    }

    /// <summary>The path of the link itself, for a request of any path below it.</summary>
    public static string LinkPath(HttpContext context) =>
        $"{context.Request.PathBase}/i/{context.Request.RouteValues["token"]}";

    private static string Name(string kind, LinkToken token, bool isBehindTls) =>
        $"{(isBehindTls ? "__Host-" : "")}{kind}-{token.Hash[..NameLetters]}";

    private static CookieOptions Options(TimeSpan? maxAge, bool isBehindTls) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax, // sent when a link in a webmail is followed, but not with forms of other sites
        Secure = isBehindTls,
        Path = "/",
        MaxAge = maxAge,
        IsEssential = true,
    };
}
