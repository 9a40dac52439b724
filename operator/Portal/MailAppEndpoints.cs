using MailOperator.Portal.MailApps;

namespace MailOperator.Portal;

/// <summary>What mail apps ask for by themselves, with an address and no link.</summary>
internal static class MailAppEndpoints
{
    private const string WellKnown = "/.well-known/autoconfig/mail/config-v1.1.xml";
    private const string Autoconfigured = "/mail/config-v1.1.xml";
    private const string Autodiscovered = "/autodiscover/autodiscover.xml";

    public static void MapMailApps(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(WellKnown, AnswerAutoconfig);
        routes.MapGet(Autoconfigured, AnswerAutoconfig);
        routes.MapPost(Autodiscovered, AnswerAutodiscoverAsync);
    }

    public static bool IsAsked(PathString path) => path.Value is { } text
        && new[] { WellKnown, Autoconfigured, Autodiscovered }.Contains(text, StringComparer.OrdinalIgnoreCase);

    /// <summary>By the address asked for; without one, by the host: <c>autoconfig.</c> and the domain, or the domain itself.</summary>
    private static IResult AnswerAutoconfig(HttpContext context, PortalServices portal)
    {
        const string Prefix = "autoconfig.";
        string host = context.Request.Host.Host;
        string domain = context.Request.Query["emailaddress"].ToString() is { Length: > 0 } address ? DomainSettings.DomainOf(address)
            : host.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? host[Prefix.Length..]
            : host;
        return DomainSettings.Find(portal.Index.All, domain) is { } settings
            ? Results.Text(Autoconfig.Write(settings), Autoconfig.ContentType)
            : Results.NotFound();
    }

    private static async Task<IResult> AnswerAutodiscoverAsync(HttpContext context, PortalServices portal)
    {
        using var reader = new StreamReader(context.Request.Body);
        string request = await reader.ReadToEndAsync(context.RequestAborted);
        return Autodiscover.AddressIn(request) is { } address && DomainSettings.Find(portal.Index.All, DomainSettings.DomainOf(address)) is { } settings
            ? Results.Text(Autodiscover.Write(settings, address), Autodiscover.ContentType)
            : Results.NotFound();
    }
}
