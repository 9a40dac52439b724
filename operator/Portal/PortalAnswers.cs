using MailOperator.Languages;
using MailOperator.Portal.Claims;
using MailOperator.Portal.Pages;

namespace MailOperator.Portal;

/// <summary>The answers that several routes give.</summary>
internal sealed class PortalAnswers(PortalOptions options, Assets assets, PortalMetrics metrics)
{
    private const string ContentType = "text/html; charset=utf-8";

    /// <summary>A page in the person's language.</summary>
    public IResult Page(HttpContext context, Func<PageFrame, string> page, int status = StatusCodes.Status200OK)
    {
        var frame = new PageFrame(
            LanguageChoice.Of(context.Request), $"{context.Request.PathBase}/", options.Organization, assets);
        context.Response.Headers.Vary = "Accept-Language";
        context.Response.Headers.ContentLanguage = frame.Language.Code;
        return Results.Text(page(frame), ContentType, statusCode: status);
    }

    /// <summary>The same answer for every link that cannot be used and for every path that does not exist.</summary>
    public IResult Unusable(HttpContext context)
    {
        if (context.Request.RouteValues.ContainsKey("token"))
        {
            metrics.LinkRefused();
        }

        return Page(context, ClaimPages.Unusable, StatusCodes.Status404NotFound);
    }

    /// <summary>Redirects to the link's page after a form, so that a reload does not send the form again.</summary>
    public static IResult BackToLink(HttpContext context)
    {
        string query = LanguageChoice.QueryOf(LanguageChoice.Of(context.Request));
        context.Response.Headers.Location = $"{ClaimCookies.LinkPath(context)}?{query}";
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }
}
