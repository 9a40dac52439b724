using MailOperator.Languages;
using MailOperator.Portal.Claims;
using MailOperator.Portal.MailApps;
using MailOperator.Portal.Pages;

namespace MailOperator.Portal;

/// <summary>What the endpoints work with, and the answers that several of them give.</summary>
internal sealed class PortalServices(
    PortalOptions options, InvitationIndex index, Claiming claiming, ProfileSigner signer, PortalMetrics metrics, Assets assets, TimeProvider clock,
    ILogger<PortalServices> logger)
{
    private const string ContentType = "text/html; charset=utf-8";

    public PortalOptions Options => options;

    public InvitationIndex Index => index;

    public Claiming Claiming => claiming;

    public ProfileSigner Signer => signer;

    public PortalMetrics Metrics => metrics;

    public Assets Assets => assets;

    public TimeProvider Clock => clock;

    public ILogger Logger => logger;

    /// <summary>A page in the person's language.</summary>
    public IResult Page(HttpContext context, Func<PageFrame, string> page, int status = StatusCodes.Status200OK)
    {
        var frame = new PageFrame(LanguageChoice.Of(context.Request), $"{context.Request.PathBase}/", options.Organization, assets);
        context.Response.Headers.Vary = "Accept-Language";
        context.Response.Headers.ContentLanguage = frame.Language.Code;
        return Results.Text(page(frame), ContentType, statusCode: status);
    }

    /// <summary>The one answer for every link that is no use, and for everything that is not there at all.</summary>
    public IResult Unusable(HttpContext context)
    {
        if (context.Request.RouteValues.ContainsKey("token"))
        {
            metrics.LinkRefused();
        }

        return Page(context, ClaimPages.Unusable, StatusCodes.Status404NotFound);
    }

    /// <summary>After a form: the browser gets the link's page, and a reload sends nothing again.</summary>
    public static IResult BackToLink(HttpContext context)
    {
        context.Response.Headers.Location = $"{ClaimCookies.LinkPath(context)}?{LanguageChoice.QueryOf(LanguageChoice.Of(context.Request))}";
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }
}
