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
        return builder;
    }
}
