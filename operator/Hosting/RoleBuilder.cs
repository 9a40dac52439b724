using MailOperator.Reporting;
using Microsoft.Extensions.Logging.Console;

namespace MailOperator.Hosting;

/// <summary>What both roles share: the sources of settings, and logging.</summary>
internal static class RoleBuilder
{
    private const string TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";

    public static WebApplicationBuilder Create(string prefix, string[] settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(settings);
        builder.Configuration.AddEnvironmentVariables(prefix);
        builder.Configuration.AddCommandLine(settings);
        if (builder.Configuration[LogSettings.Setting] is { Length: > 0 } file)
        {
            // Last, so that it counts: who changes it wants to see more, or less, without a restart.
            ((IConfigurationBuilder)builder.Configuration).Add(new LogSettings(file, TimeProvider.System));
        }

        // Not AddSimpleConsole, which overrides the formatter that the settings name.
        builder.Logging.AddConsole();
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.FormatterName =
            builder.Configuration["Logging:Console:FormatterName"] ?? ConsoleFormatterNames.Simple);
        builder.Services.Configure<SimpleConsoleFormatterOptions>(static console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = TimestampFormat + " ";
        });
        builder.Services.Configure<JsonConsoleFormatterOptions>(static console =>
        {
            console.UseUtcTimestamp = true;
            console.TimestampFormat = TimestampFormat;
        });
        // Client libraries log every request at Information; a reconcile logs what it changes.
        builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // The audit trail is written at every level, unless the settings name it.
        if (builder.Configuration[$"Logging:LogLevel:{AuditTrail.Category}"] is null)
        {
            builder.Logging.AddFilter(AuditTrail.Category, LogLevel.Information);
        }

        return builder;
    }
}
