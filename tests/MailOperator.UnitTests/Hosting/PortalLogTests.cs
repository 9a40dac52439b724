using MailOperator.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MailOperator.UnitTests.Hosting;

/// <summary>The path of a request to the portal is a link. No setting may log it.</summary>
public sealed class PortalLogTests
{
    private const string Diagnostics = "Microsoft.AspNetCore.Hosting.Diagnostics";

    [Theory]
    [InlineData("Logging:LogLevel:Default")]
    [InlineData("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics")]
    [InlineData("Logging:Seen:LogLevel:Default")]
    [InlineData("Logging:Seen:LogLevel:Microsoft")]
    [InlineData("Logging:Seen:LogLevel:*.Hosting.Diagnostics")]
    public void Log_OfTheWebServer_HasNoLinkWithAnySetting(string setting)
    {
        // Mutant: change only rules without a provider; a rule of the console wins over a general one.
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([KeyValuePair.Create(setting, (string?)"Trace")])
            .Build();
        var services = new ServiceCollection();
        services.AddLogging(
            logging => logging.AddConfiguration(configuration.GetSection("Logging")).AddProvider(new Seen()));
        PortalRole.KeepLinksOutOfLogs(services);
        using ServiceProvider provider = services.BuildServiceProvider();
        var loggers = provider.GetRequiredService<ILoggerFactory>();

        // If enabled, it opens a scope that has the path.
        Assert.False(loggers.CreateLogger(Diagnostics).IsEnabled(LogLevel.Critical));
        Assert.False(
            loggers.CreateLogger("Microsoft.AspNetCore.Routing.EndpointMiddleware").IsEnabled(LogLevel.Information));
        Assert.True(loggers.CreateLogger("Microsoft.AspNetCore.Server.Kestrel").IsEnabled(LogLevel.Warning));
        Assert.True(loggers.CreateLogger("MailOperator.Portal").IsEnabled(LogLevel.Warning));
    }

    [ProviderAlias("Seen")]
    private sealed class Seen : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
        }

        public void Dispose()
        {
        }
    }
}
