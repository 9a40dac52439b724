using MailOperator.Kubernetes;
using MailOperator.Portal;
using Prometheus;

namespace MailOperator.Hosting;

/// <summary>The role <c>operator</c>: reconciles, and serves probes and metrics.</summary>
internal static class OperatorRole
{
    public static async Task<int> RunAsync(string[] settings)
    {
        WebApplicationBuilder builder = RoleBuilder.Create("MAIL_OPERATOR_", settings);
        builder.Services.AddOperator(builder.Configuration);
        builder.WebHost.UseUrls(builder.Configuration[nameof(OperatorOptions.ListenUrl)] ?? new OperatorOptions().ListenUrl);

        WebApplication app = builder.Build();
        app.MapGet("/healthz", static (OperatorRuntime runtime, ControllerOptions options) =>
            Liveness.Problem(runtime.Controllers, options) is { } problem ? Results.Text(problem, statusCode: 503) : Results.Text("ok"));
        app.MapGet("/readyz", static (OperatorRuntime runtime) =>
            runtime.IsSynced ? Results.Text("ok") : Results.Text("the first lists are not read yet", statusCode: 503));
        app.MapMetrics();
        await app.RunAsync();
        return 0;
    }
}

/// <summary>The role <c>portal</c>: the pages on which an invited person takes a device's password.</summary>
internal static class PortalRole
{
    public static async Task<int> RunAsync(string[] settings)
    {
        WebApplicationBuilder builder = RoleBuilder.Create("MAIL_OPERATOR_PORTAL_", settings);
        KeepLinksOutOfLogs(builder.Services);
        builder.Services.AddPortal(builder.Configuration);
        var defaults = new PortalOptions();
        builder.WebHost.UseUrls(
            builder.Configuration[nameof(PortalOptions.ListenUrl)] ?? defaults.ListenUrl,
            builder.Configuration[nameof(PortalOptions.ManagementUrl)] ?? defaults.ManagementUrl);

        WebApplication app = builder.Build();
        app.UsePortal();
        await app.RunAsync();
        return 0;
    }

    /// <summary>
    /// The web server's own log has the path of each request, which is the link: below Warning in lines of its own, and at any
    /// level in the scope that its diagnostics open around a request. So every rule there is, of whatever provider, passes none of that.
    /// </summary>
    internal static void KeepLinksOutOfLogs(IServiceCollection services) => services.PostConfigure<LoggerFilterOptions>(static filters =>
    {
        for (int index = 0; index < filters.Rules.Count; index++)
        {
            LoggerFilterRule rule = filters.Rules[index];
            filters.Rules[index] = new LoggerFilterRule(
                rule.ProviderName, rule.CategoryName, rule.LogLevel,
                (provider, category, level) => HasNoLink(category, level) && (rule.Filter?.Invoke(provider, category, level) ?? true));
        }

        filters.Rules.Add(new LoggerFilterRule(null, Server, LogLevel.Warning, static (_, category, level) => HasNoLink(category, level)));
    });

    private const string Server = "Microsoft.AspNetCore";

    private static bool HasNoLink(string? category, LogLevel level) =>
        category?.StartsWith(Server, StringComparison.OrdinalIgnoreCase) is not true
        || (level >= LogLevel.Warning && !category.Equals($"{Server}.Hosting.Diagnostics", StringComparison.OrdinalIgnoreCase));
}

/// <summary>What the roles have in common: where settings come from, and how they log.</summary>
internal static class RoleBuilder
{
    public static WebApplicationBuilder Create(string prefix, string[] settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(settings);
        builder.Configuration.AddEnvironmentVariables(prefix);
        builder.Configuration.AddCommandLine(settings);
        builder.Logging.AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
        // Each request of a client library is a line at Information; a reconcile already says what it changes.
        builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        return builder;
    }
}
