namespace MailOperator.Portal.Claims;

/// <summary>
/// The two cookies of a link, both sent back for this link alone: the sealed password of whoever claimed it, and the nonce
/// that the form's signature is over.
/// </summary>
internal static class ClaimCookies
{
    /// <summary>How long a browser keeps a password that the mail server has not accepted yet.</summary>
    public static readonly TimeSpan KeptWhileWaiting = TimeSpan.FromDays(7);

    /// <summary>How long the page with the password can be opened again.</summary>
    public static readonly TimeSpan ShownFor = TimeSpan.FromMinutes(30);

    private const string Claim = "claim";
    private const string Nonce = "nonce";

    public static string? ReadClaim(HttpRequest request) => request.Cookies[Claim];

    public static string? ReadNonce(HttpRequest request) => request.Cookies[Nonce];

    public static void WriteClaim(HttpContext context, PresentedToken token, HeldPassword held, TimeSpan maxAge, bool isBehindTls) =>
        context.Response.Cookies.Append(Claim, ClaimSeal.Seal(token, held), Options(context, maxAge, isBehindTls));

    public static void WriteNonce(HttpContext context, string nonce, bool isBehindTls) =>
        context.Response.Cookies.Append(Nonce, nonce, Options(context, maxAge: null, isBehindTls));

    public static void Forget(HttpContext context, bool isBehindTls)
    {
        context.Response.Cookies.Delete(Claim, Options(context, maxAge: null, isBehindTls));
        context.Response.Cookies.Delete(Nonce, Options(context, maxAge: null, isBehindTls));
    }

    private static CookieOptions Options(HttpContext context, TimeSpan? maxAge, bool isBehindTls) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax, // a link in a mail is followed from another site; forms from there get none all the same
        Secure = isBehindTls,
        Path = LinkPath(context),
        MaxAge = maxAge,
        IsEssential = true,
    };

    /// <summary>The path of the link itself, whatever is asked for below it.</summary>
    public static string LinkPath(HttpContext context) => $"{context.Request.PathBase}/i/{context.Request.RouteValues["token"]}";
}
