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

    /// <summary>Below Warning the web server's own log has the path of each request, which is the link: no setting turns that on.</summary>
    private static void KeepLinksOutOfLogs(IServiceCollection services) => services.PostConfigure<LoggerFilterOptions>(static filters =>
    {
        const string Server = "Microsoft.AspNetCore";
        foreach (LoggerFilterRule rule in filters.Rules.Where(static rule => rule.CategoryName?.StartsWith(Server, StringComparison.OrdinalIgnoreCase) is true).ToArray())
        {
            filters.Rules.Remove(rule);
        }

        filters.AddFilter(Server, LogLevel.Warning);
    });
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
