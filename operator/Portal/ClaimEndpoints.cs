using MailOperator.Passwords;
using MailOperator.Portal.Claims;
using MailOperator.Portal.MailApps;
using MailOperator.Portal.Pages;

namespace MailOperator.Portal;

/// <summary>What a link answers. Only a form spends it: mail scanners and previews follow links.</summary>
internal static class ClaimEndpoints
{
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public static void MapClaims(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder link = routes.MapGroup("/i/{token}");
        link.MapMethods("", Reading, Show);
        link.MapPost("", ClaimAsync);
        link.MapMethods("state", Reading, State);
        link.MapMethods(AppleProfile.FileName, Reading, Profile);
        link.MapPost("done", DoneAsync);
    }

    private static IResult Show(string token, HttpContext context, PortalServices portal)
    {
        using LinkRequest link = LinkRequest.Of(token, context, portal);
        return link.Phase switch
        {
            LinkPhase.Open open => OpenPage(link, context, portal, open.HasFailed),
            LinkPhase.Waiting waiting => WaitingPage(link, context, portal, waiting.Delay),
            LinkPhase.Accepted => PasswordPage(link, context, portal),
            _ => portal.Unusable(context),
        };
    }

    private static async Task<IResult> ClaimAsync(string token, HttpContext context, PortalServices portal)
    {
        using LinkRequest link = LinkRequest.Of(token, context, portal);
        if (link.Phase is LinkPhase.Unusable)
        {
            return portal.Unusable(context);
        }

        if (await ReadFormAsync(link, context, portal) is not { } form)
        {
            return portal.Page(context, ClaimPages.BadForm, StatusCodes.Status400BadRequest);
        }

        var key = new ClaimKey(link.Token!, link.Nonce!); // the form's signature is over it, so there is one
        string? chosen = form[FormFields.Password];
        ClaimOutcome outcome = link.Phase is LinkPhase.Open
            ? await portal.Claiming.ClaimAsync(link.Invitation!, key, chosen, context.RequestAborted)
            : Claiming.ClaimAgain(link.Invitation!, key, chosen, link.BrowserClaim!);
        portal.Metrics.Claimed(outcome.GetType().Name);
        return Answer(outcome, link, context, portal);
    }

    private static IResult Answer(ClaimOutcome outcome, LinkRequest link, HttpContext context, PortalServices portal)
    {
        switch (outcome)
        {
            case ClaimOutcome.Written written:
                return BackWith(written.Claim);
            case ClaimOutcome.Unknown unknown:
                Log.Unknown(portal.Logger, link.Invitation!.Key.ToString(), unknown.Problem);
                return BackWith(unknown.Claim);
            case ClaimOutcome.Taken:
                return portal.Page(context, ClaimPages.Taken, StatusCodes.Status409Conflict);
            case ClaimOutcome.BadPassword bad:
                return OpenPage(link, context, portal, hasFailed: false, bad.Rule);
            case ClaimOutcome.NotAllowed:
                return portal.Page(context, ClaimPages.BadForm, StatusCodes.Status400BadRequest);
            default:
                return portal.Unusable(context);
        }

        IResult BackWith(BrowserClaim claim)
        {
            using (claim)
            {
                WriteCookie(claim, link, context, portal);
            }

            return PortalServices.BackToLink(context);
        }
    }

    /// <summary>What a waiting page asks for until the answer is another one.</summary>
    private static IResult State(string token, HttpContext context, PortalServices portal)
    {
        using LinkRequest link = LinkRequest.Of(token, context, portal);
        return link.Phase switch
        {
            LinkPhase.Waiting waiting => Results.Text(waiting.Delay.ToString()),
            LinkPhase.Accepted => Results.Text("Accepted"),
            _ => portal.Unusable(context),
        };
    }

    private static IResult Profile(string token, HttpContext context, PortalServices portal)
    {
        using LinkRequest link = LinkRequest.Of(token, context, portal);
        if (link.Phase is not LinkPhase.Accepted || MailSettings.Of(link.Offer) is not { } settings || !AppleProfile.IsPossible(settings))
        {
            return portal.Unusable(context);
        }

        byte[] profile = AppleProfile.Write(settings, link.BrowserClaim!.ClaimId, link.Offer.Holder, portal.Options.Organization, link.BrowserClaim.Password?.Reveal());
        return Results.File(portal.Signer.Sign(profile), AppleProfile.ContentType, AppleProfile.FileName);
    }

    private static async Task<IResult> DoneAsync(string token, HttpContext context, PortalServices portal)
    {
        using LinkRequest link = LinkRequest.Of(token, context, portal);
        if (link.Phase is not LinkPhase.Accepted)
        {
            return portal.Unusable(context);
        }

        if (await ReadFormAsync(link, context, portal) is null)
        {
            return portal.Page(context, ClaimPages.BadForm, StatusCodes.Status400BadRequest);
        }

        ClaimCookies.Forget(context, link.Token!, portal.Options.IsBehindTls);
        return portal.Page(context, ClaimPages.Done);
    }

    private static IResult OpenPage(LinkRequest link, HttpContext context, PortalServices portal, bool hasFailed, ChosenPasswordRule? broken = null)
    {
        string signature = Sign(link, context, portal);
        string url = portal.Options.LinkOf((string)context.Request.RouteValues["token"]!);
        return portal.Page(
            context,
            frame => ClaimPages.Open(frame, link.Invitation!.Status!, url, signature, hasFailed, broken),
            broken is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private static IResult WaitingPage(LinkRequest link, HttpContext context, PortalServices portal, Delay delay)
    {
        if (link.IsRecovered && HttpMethods.IsGet(context.Request.Method))
        {
            WriteCookie(link.BrowserClaim!, link, context, portal);
        }

        return portal.Page(context, frame =>
            ClaimPages.Waiting(frame, delay, $"{ClaimCookies.LinkPath(context)}/state", ClaimCookies.KeptWhileWaiting));
    }

    private static IResult PasswordPage(LinkRequest link, HttpContext context, PortalServices portal)
    {
        DateTimeOffset now = portal.Clock.GetUtcNow();
        BrowserClaim claim = link.BrowserClaim!;
        DateTimeOffset until = claim.ShownUntil ?? now + ClaimCookies.ShownFor;
        if (claim.ShownUntil is null && HttpMethods.IsGet(context.Request.Method))
        {
            WriteCookie(claim.Shown(until), link, context, portal);
        }

        string signature = Sign(link, context, portal);
        return portal.Page(context, frame => Pages.PasswordPage.Ready(
            frame, link.Offer, claim.Password?.Reveal(), ClaimCookies.LinkPath(context), signature, until - now));
    }

    private static void WriteCookie(BrowserClaim claim, LinkRequest link, HttpContext context, PortalServices portal) =>
        ClaimCookies.WriteClaim(context, link.Token!, claim, portal.Clock.GetUtcNow(), portal.Options.IsBehindTls);

    /// <summary>The browser's nonce, signed; one that has none gets one.</summary>
    private static string Sign(LinkRequest link, HttpContext context, PortalServices portal) =>
        FormGuard.Sign(link.Token!, link.Nonce ?? ClaimCookies.WriteNonce(context, link.Token!, portal.Options.IsBehindTls));

    /// <summary>The form, or null if it does not come from a page of ours.</summary>
    private static async Task<IFormCollection?> ReadFormAsync(LinkRequest link, HttpContext context, PortalServices portal)
    {
        HttpRequest request = context.Request;
        if (request.HasFormContentType && FormGuard.IsFromHere(request.Headers["Sec-Fetch-Site"], request.Headers.Origin, portal.Options.Origin))
        {
            IFormCollection? form = await ParseAsync(request);
            if (form is not null && FormGuard.IsOurs(link.Token!, link.Nonce, form[FormFields.Signature]))
            {
                return form;
            }
        }

        portal.Metrics.FormRefused();
        return null;
    }

    private static async Task<IFormCollection?> ParseAsync(HttpRequest request)
    {
        try
        {
            return await request.ReadFormAsync(request.HttpContext.RequestAborted);
        }
        catch (InvalidDataException)
        {
            return null; // no browser sends that
        }
    }
}

internal static partial class Log
{
    [LoggerMessage(401, LogLevel.Warning, "Whether the claim of invitation {Invitation} was written is not known: {Problem}")]
    public static partial void Unknown(ILogger logger, string invitation, string problem);
}
