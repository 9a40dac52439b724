namespace MailOperator.Hosting;

/// <summary>What both roles share: the sources of settings, and logging.</summary>
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
        // Client libraries log every request at Information; a reconcile logs what it changes.
        builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        return builder;
    }
}
