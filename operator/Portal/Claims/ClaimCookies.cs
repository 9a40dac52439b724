using System.Buffers.Text;
using System.Security.Cryptography;

namespace MailOperator.Portal.Claims;

/// <summary>
/// The two cookies of a link: the sealed password of whoever claimed it, and the nonce that the form's signature is over and the
/// claim comes from. Behind TLS their names have the prefix <c>__Host-</c> (RFC 6265bis): no other host, not even a
/// neighbour below the same domain, can put a claim or a nonce of its own into a person's browser. The prefix asks for the path
/// "/", so it is the name that tells one link's from another's.
/// </summary>
internal static class ClaimCookies
{
    /// <summary>How long a browser keeps a password that the mail server has not accepted yet.</summary>
    public static readonly TimeSpan KeptWhileWaiting = TimeSpan.FromDays(7);

    /// <summary>
    /// How long the page with the password can be opened again; and how long after a claim the browser that made it gets
    /// its password though the answer was lost.
    /// </summary>
    public static readonly TimeSpan ShownFor = TimeSpan.FromMinutes(30);

    /// <summary>As random as a password may be, because the password comes from it.</summary>
    private const int NonceBytes = 32;

    private const string Claim = "claim";
    private const string Nonce = "nonce";
    private const int NameLetters = 16;

    public static BrowserClaim? ReadClaim(HttpContext context, LinkToken token, bool isBehindTls) =>
        ClaimSeal.Open(token, context.Request.Cookies[Name(Claim, token, isBehindTls)]);

    /// <summary>The nonce of this browser, or null if it has none that is ours.</summary>
    public static byte[]? ReadNonce(HttpContext context, LinkToken token, bool isBehindTls)
    {
        string? text = context.Request.Cookies[Name(Nonce, token, isBehindTls)];
        byte[] nonce = new byte[NonceBytes];
        return Base64Url.IsValid(text, out int length) && length == NonceBytes && Base64Url.TryDecodeFromChars(text, nonce, out _) ? nonce : null;
    }

    public static void WriteClaim(HttpContext context, LinkToken token, BrowserClaim claim, DateTimeOffset now, bool isBehindTls) =>
        context.Response.Cookies.Append(
            Name(Claim, token, isBehindTls),
            ClaimSeal.Seal(token, claim),
            Options(claim.ShownUntil is { } until ? until - now : KeptWhileWaiting, isBehindTls));

    /// <summary>Gives the browser a nonce. It outlives the browser: a phone ends one that is in the background.</summary>
    public static byte[] WriteNonce(HttpContext context, LinkToken token, bool isBehindTls)
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        context.Response.Cookies.Append(Name(Nonce, token, isBehindTls), Base64Url.EncodeToString(nonce), Options(KeptWhileWaiting, isBehindTls));
        return nonce;
    }

    public static void Forget(HttpContext context, LinkToken token, bool isBehindTls)
    {
        context.Response.Cookies.Delete(Name(Claim, token, isBehindTls), Options(maxAge: null, isBehindTls));
        context.Response.Cookies.Delete(Name(Nonce, token, isBehindTls), Options(maxAge: null, isBehindTls));
    }

    /// <summary>The path of the link itself, whatever is asked for below it.</summary>
    public static string LinkPath(HttpContext context) => $"{context.Request.PathBase}/i/{context.Request.RouteValues["token"]}";

    private static string Name(string kind, LinkToken token, bool isBehindTls) =>
        $"{(isBehindTls ? "__Host-" : "")}{kind}-{token.Hash[..NameLetters]}";

    private static CookieOptions Options(TimeSpan? maxAge, bool isBehindTls) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax, // a link in a mail is followed from another site; forms from there get none all the same
        Secure = isBehindTls,
        Path = "/",
        MaxAge = maxAge,
        IsEssential = true,
    };
}
