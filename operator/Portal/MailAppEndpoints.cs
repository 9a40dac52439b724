using MailOperator.Portal.Claims;
using MailOperator.Portal.MailApps;

namespace MailOperator.Portal;

/// <summary>The routes that mail apps ask by themselves for settings, with an address and without a link.</summary>
internal sealed class MailAppEndpoints(InvitationIndex index)
{
    private const string AutoconfigWellKnownPath = "/.well-known/autoconfig/mail/config-v1.1.xml";
    private const string AutoconfigPath = "/mail/config-v1.1.xml";
    private const string AutodiscoverPath = "/autodiscover/autodiscover.xml";
    private const string AutoconfigHostPrefix = "autoconfig.";

    private static readonly string[] Paths = [AutoconfigWellKnownPath, AutoconfigPath, AutodiscoverPath];

    public static bool IsPath(PathString path) =>
        path.Value is { } text && Paths.Contains(text, StringComparer.OrdinalIgnoreCase);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(AutoconfigWellKnownPath, AnswerAutoconfig);
        routes.MapGet(AutoconfigPath, AnswerAutoconfig);
        routes.MapPost(AutodiscoverPath, (Delegate)AnswerAutodiscoverAsync); // a RequestDelegate would drop the result
    }

    private IResult AnswerAutoconfig(HttpContext context) =>
        DomainSettings.Find(index.All, DomainOf(context.Request)) is { } settings
            ? Results.Text(Autoconfig.Write(settings), Autoconfig.ContentType)
            : Results.NotFound();

    /// <summary>The domain of the address in the query; without one the host, less its prefix "autoconfig.".</summary>
    private static string DomainOf(HttpRequest request)
    {
        if (request.Query["emailaddress"].ToString() is { Length: > 0 } address)
        {
            return DomainSettings.DomainOf(address);
        }

        string host = request.Host.Host;
        return host.StartsWith(AutoconfigHostPrefix, StringComparison.OrdinalIgnoreCase)
            ? host[AutoconfigHostPrefix.Length..]
            : host;
    }

    private async Task<IResult> AnswerAutodiscoverAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        string request = await reader.ReadToEndAsync(context.RequestAborted);
        return Autodiscover.AddressIn(request) is { } address
            && DomainSettings.Find(index.All, DomainSettings.DomainOf(address)) is { } settings
                ? Results.Text(Autodiscover.Write(settings, address), Autodiscover.ContentType)
                : Results.NotFound();
    }
}
