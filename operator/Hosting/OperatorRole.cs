using MailOperator.Kubernetes;
using Microsoft.Extensions.Logging.Console;
using Prometheus;

namespace MailOperator.Hosting;

/// <summary>The role <c>operator</c>: reconciles, and serves probes and metrics.</summary>
internal static class OperatorRole
{
    public static Task<int> RunAsync(string[] settings) =>
        StartUp.RunAsync<OperatorOptions>("MAIL_OPERATOR_", settings, Compose);

    internal static Action<WebApplication> Compose(WebApplicationBuilder builder)
    {
        builder.Services.AddOperator(builder.Configuration);
        // Each line says in which reconcile it was written. Not in the portal, whose scopes hold links.
        builder.Services.Configure<JsonConsoleFormatterOptions>(static console => console.IncludeScopes = true);
        builder.WebHost.UseUrls(
            builder.Configuration[nameof(OperatorOptions.ListenUrl)] ?? new OperatorOptions().ListenUrl);
        return Map;
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/healthz", static (OperatorRuntime runtime, ControllerOptions options) =>
            Liveness.Problem(runtime.Controllers, options) is { } problem
                ? Results.Text(problem, statusCode: 503)
                : Results.Text("ok"));
        app.MapGet("/readyz", static (OperatorRuntime runtime, ClusterClaim claim) =>
            !runtime.IsSynced ? Results.Text("the caches are not synced yet", statusCode: 503)
                : claim.Problem is { } problem ? Results.Text(problem, statusCode: 503)
                : Results.Text("ok"));
        app.MapMetrics(registry: app.Services.GetRequiredService<RuntimeMetrics>().Registry);
    }
}
