using MailOperator.Passwords;
using MailOperator.Portal.Claims;
using MailOperator.Portal.MailApps;
using MailOperator.Portal.Pages;

namespace MailOperator.Portal;

/// <summary>
/// The routes of a link. Only a form uses a link up, because mail scanners and previews follow links.
/// </summary>
internal sealed partial class ClaimEndpoints(
    PortalOptions options,
    LinkReader links,
    Claiming claiming,
    ProfileSigner signer,
    PortalAnswers answers,
    PortalMetrics metrics,
    ILogger<ClaimEndpoints> logger)
{
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    public void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder link = routes.MapGroup("/i/{token}");
        link.MapMethods("", ReadMethods, Show);
        link.MapPost("", ClaimAsync);
        link.MapMethods("state", ReadMethods, State);
        link.MapMethods(AppleProfile.FileName, ReadMethods, Profile);
        link.MapPost("done", DoneAsync);
    }

    private IResult Show(string token, HttpContext context)
    {
        using LinkRequest link = links.Read(token, context);
        return link.Phase switch
        {
            LinkPhase.Open open => OpenPage(link, context, open.HasFailed),
            LinkPhase.Waiting waiting => WaitingPage(link, context, waiting.Delay),
            LinkPhase.Accepted => ReadyPage(link, context),
            _ => answers.Unusable(context),
        };
    }

    private async Task<IResult> ClaimAsync(string token, HttpContext context)
    {
        using LinkRequest link = links.Read(token, context);
        if (link.Phase is LinkPhase.Unusable)
        {
            return answers.Unusable(context);
        }

        if (await ReadFormAsync(link, context) is not { } form)
        {
            return NotOurs(link, context);
        }

        var key = new ClaimKey(link.Token!, link.Nonce!); // the form's signature covers the nonce, so there is one
        string? chosen = form[FormFields.Password];
        ClaimOutcome outcome = link.Phase is LinkPhase.Open
            ? await claiming.ClaimAsync(
                link.Invitation!, key, chosen, options.Organization, context.RequestAborted)
            : Claiming.ClaimAgain(link.Invitation!, key, chosen, link.BrowserClaim!);
        metrics.Claimed(outcome.GetType().Name);
        return Answer(outcome, link, context);
    }

    private IResult Answer(ClaimOutcome outcome, LinkRequest link, HttpContext context)
    {
        switch (outcome)
        {
            case ClaimOutcome.Written written:
                return BackWith(written.Claim);
            case ClaimOutcome.Unknown unknown:
                Log.ClaimUnconfirmed(logger, link.Invitation!.Key.ToString(), unknown.Problem);
                return BackWith(unknown.Claim);
            case ClaimOutcome.Taken:
                return answers.Page(context, ClaimPages.Taken, StatusCodes.Status409Conflict);
            case ClaimOutcome.BadPassword bad:
                return OpenPage(link, context, hasFailed: false, bad.Rule);
            case ClaimOutcome.NotAllowed:
                return answers.Page(context, ClaimPages.BadForm, StatusCodes.Status400BadRequest);
            default:
                return answers.Unusable(context);
        }

        IResult BackWith(BrowserClaim claim)
        {
            using (claim)
            {
                WriteCookie(claim, link, context);
            }

            return PortalAnswers.BackToLink(context);
        }
    }

    // The nonce of an older page goes when the password is shown: then the link shows what counts.
    private IResult NotOurs(LinkRequest link, HttpContext context) => link.BrowserClaim?.ShownUntil is null
        ? answers.Page(context, ClaimPages.BadForm, StatusCodes.Status400BadRequest)
        : PortalAnswers.BackToLink(context);

    /// <summary>Polled by a waiting page, which reloads as soon as the answer changes.</summary>
    private IResult State(string token, HttpContext context)
    {
        using LinkRequest link = links.Read(token, context);
        return link.Phase switch
        {
            LinkPhase.Waiting waiting => Results.Text(waiting.Delay.ToString()),
            LinkPhase.Accepted => Results.Text("Accepted"),
            _ => answers.Unusable(context),
        };
    }

    private IResult Profile(string token, HttpContext context)
    {
        using LinkRequest link = links.Read(token, context);
        if (link.Phase is not LinkPhase.Accepted
            || MailSettings.Of(link.Offer) is not { } settings
            || !AppleProfile.IsPossible(settings))
        {
            return answers.Unusable(context);
        }

        BrowserClaim claim = link.BrowserClaim!;
        NoteLook(link, context); // the file has the password in it
        byte[] profile = AppleProfile.Write(
            settings, claim.ClaimId, link.Offer.Holder, options.Organization, claim.Password?.Reveal());
        return Results.File(signer.Sign(profile), AppleProfile.ContentType, AppleProfile.FileName);
    }

    private async Task<IResult> DoneAsync(string token, HttpContext context)
    {
        using LinkRequest link = links.Read(token, context);
        if (link.Phase is not LinkPhase.Accepted)
        {
            return answers.Unusable(context);
        }

        if (await ReadFormAsync(link, context) is null)
        {
            return NotOurs(link, context);
        }

        ClaimCookies.Forget(context, link.Token!, options.IsBehindTls);
        return answers.Page(context, ClaimPages.Done);
    }

    private IResult OpenPage(
        LinkRequest link, HttpContext context, bool hasFailed, ChosenPasswordRule? broken = null)
    {
        string signature = Sign(link, context);
        string url = options.LinkOf((string)context.Request.RouteValues["token"]!);
        return answers.Page(
            context,
            frame => ClaimPages.Open(frame, link.Invitation!.Status!, url, signature, hasFailed, broken),
            broken is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private IResult WaitingPage(LinkRequest link, HttpContext context, Delay delay)
    {
        if (link.IsRecovered && HttpMethods.IsGet(context.Request.Method))
        {
            WriteCookie(link.BrowserClaim!, link, context);
        }

        string poll = $"{ClaimCookies.LinkPath(context)}/state";
        return answers.Page(context, frame => ClaimPages.Waiting(frame, delay, poll, ClaimCookies.KeptWhileWaiting));
    }

    private IResult ReadyPage(LinkRequest link, HttpContext context)
    {
        BrowserClaim claim = link.BrowserClaim!;
        DateTimeOffset until = claim.ShownUntil ?? link.Now + ClaimCookies.ShownFor;
        string signature = NoteLook(link, context) is { } nonce
            ? FormGuard.Sign(link.Token!, nonce)
            : Sign(link, context);
        string path = ClaimCookies.LinkPath(context);
        return answers.Page(context, frame => PasswordPage.Ready(
            frame, link.Offer, claim.Password?.Reveal(), path, signature, until - link.Now));
    }

    /// <summary>
    /// Notes the first look at a password: from then on it is shown for a while, and the nonce that it could be derived
    /// from once more goes. Returns the nonce in its place; null if there is none.
    /// </summary>
    private byte[]? NoteLook(LinkRequest link, HttpContext context)
    {
        BrowserClaim claim = link.BrowserClaim!;
        if (claim.ShownUntil is not null || !HttpMethods.IsGet(context.Request.Method))
        {
            return null;
        }

        WriteCookie(claim.Shown(link.Now + ClaimCookies.ShownFor), link, context);
        return claim.Password is null // typed: only who typed it can send it again
            ? null
            : ClaimCookies.WriteNonce(context, link.Token!, options.IsBehindTls);
    }

    private void WriteCookie(BrowserClaim claim, LinkRequest link, HttpContext context) =>
        ClaimCookies.WriteClaim(context, link.Token!, claim, link.Now, options.IsBehindTls);

    /// <summary>Signs the browser's nonce. A browser without one gets one.</summary>
    private string Sign(LinkRequest link, HttpContext context) => FormGuard.Sign(
        link.Token!, link.Nonce ?? ClaimCookies.WriteNonce(context, link.Token!, options.IsBehindTls));

    /// <summary>The form, or null if it was not sent by a page of the portal.</summary>
    private async Task<IFormCollection?> ReadFormAsync(LinkRequest link, HttpContext context)
    {
        HttpRequest request = context.Request;
        if (request.HasFormContentType
            && FormGuard.IsFromHere(request.Headers["Sec-Fetch-Site"], request.Headers.Origin, options.Origin)
            && await ParseAsync(request) is { } form
            && FormGuard.IsOurs(link.Token!, link.Nonce, form[FormFields.Signature]))
        {
            return form;
        }

        metrics.FormRefused();
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
            return null; // no browser sends a form like that
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            401, LogLevel.Warning, "The API server did not confirm the claim of invitation {Invitation}: {Problem}")]
        public static partial void ClaimUnconfirmed(ILogger logger, string invitation, string problem);
    }
}
