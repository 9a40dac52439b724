using MailOperator.Kubernetes;
using Prometheus;

namespace MailOperator.Hosting;

/// <summary>The role <c>operator</c>: reconciles, and serves probes and metrics.</summary>
internal static class OperatorRole
{
    public static async Task<int> RunAsync(string[] settings)
    {
        WebApplicationBuilder builder = RoleBuilder.Create("MAIL_OPERATOR_", settings);
        builder.Services.AddOperator(builder.Configuration);
        builder.WebHost.UseUrls(
            builder.Configuration[nameof(OperatorOptions.ListenUrl)] ?? new OperatorOptions().ListenUrl);

        WebApplication app = builder.Build();
        app.MapGet("/healthz", static (OperatorRuntime runtime, ControllerOptions options) =>
            Liveness.Problem(runtime.Controllers, options) is { } problem
                ? Results.Text(problem, statusCode: 503)
                : Results.Text("ok"));
        app.MapGet("/readyz", static (OperatorRuntime runtime) =>
            runtime.IsSynced ? Results.Text("ok") : Results.Text("the caches are not synced yet", statusCode: 503));
        app.MapMetrics();
        await app.RunAsync();
        return 0;
    }
}
