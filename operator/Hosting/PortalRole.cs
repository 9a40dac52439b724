using MailOperator.Portal;

namespace MailOperator.Hosting;

/// <summary>The role <c>portal</c>: the pages on which an invited person takes a device's password.</summary>
internal static class PortalRole
{
    private const string Server = "Microsoft.AspNetCore";

    public static Task<int> RunAsync(string[] settings) =>
        StartUp.RunAsync<PortalOptions>("MAIL_OPERATOR_PORTAL_", settings, Compose);

    internal static Action<WebApplication> Compose(WebApplicationBuilder builder)
    {
        KeepLinksOutOfLogs(builder.Services);
        builder.Services.AddPortal(builder.Configuration);
        var defaults = new PortalOptions();
        builder.WebHost.UseUrls(
            builder.Configuration[nameof(PortalOptions.ListenUrl)] ?? defaults.ListenUrl,
            builder.Configuration[nameof(PortalOptions.ManagementUrl)] ?? defaults.ManagementUrl);
        return PortalModule.UsePortal;
    }

    /// <summary>
    /// The web server logs the path of each request, which is the link: in messages below Warning, and at every level
    /// in the scope that its diagnostics open around a request. Filters both, in the rules of every logging provider.
    /// </summary>
    internal static void KeepLinksOutOfLogs(IServiceCollection services) =>
        services.PostConfigure<LoggerFilterOptions>(static filters =>
        {
            for (int index = 0; index < filters.Rules.Count; index++)
            {
                LoggerFilterRule rule = filters.Rules[index];
                filters.Rules[index] = new LoggerFilterRule(
                    rule.ProviderName,
                    rule.CategoryName,
                    rule.LogLevel,
                    (provider, category, level) => HasNoLink(category, level)
                        && (rule.Filter?.Invoke(provider, category, level) ?? true));
            }

            filters.Rules.Add(new LoggerFilterRule(
                null, Server, LogLevel.Warning, static (_, category, level) => HasNoLink(category, level)));
        });

    private static bool HasNoLink(string? category, LogLevel level) =>
        category?.StartsWith(Server, StringComparison.OrdinalIgnoreCase) is not true
        || (level >= LogLevel.Warning
            && !category.Equals($"{Server}.Hosting.Diagnostics", StringComparison.OrdinalIgnoreCase));
}
