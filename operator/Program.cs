using MailOperator.Hosting;
using MailOperator.Kubernetes;
using Prometheus;

if (args is not ["operator", ..])
{
    await Console.Error.WriteLineAsync("usage: MailOperator operator [--Name=value…]\nSettings are described in docs/configuration.md.");
    return 2;
}

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args[1..]);
builder.Configuration.AddEnvironmentVariables("MAIL_OPERATOR_");
builder.Configuration.AddCommandLine(args[1..]);
builder.Logging.AddSimpleConsole(static console =>
{
    console.SingleLine = true;
    console.UseUtcTimestamp = true;
    console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
});
// Each request of a client library is a line at Information; a reconcile already says what it changes.
builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
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
