using MailOperator.Hosting;
using MailOperator.Kubernetes;
using MailOperator.MailServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Moq;

namespace MailOperator.UnitTests.Hosting;

/// <summary>The product's own modules with the API server, the clock and the replacements of a test.</summary>
internal static class Modules
{
    /// <param name="api">The client of the API server.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="replace">Registers the replacements.</param>
    public static ServiceProvider Build(KubernetesApi api, TimeProvider clock, Action<IServiceCollection> replace)
    {
        var services = new ServiceCollection();
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddKinds();
        services.AddSingleton(api);
        services.AddSingleton(clock);
        services.AddSingleton(new Random(1));
        services.AddSingleton(Mock.Of<IMailServers>());
        services.AddSingleton(Mock.Of<IMailLogins>());
        replace(services);
        return services.BuildServiceProvider();
    }

    /// <summary>Disposes them. In a simulation this completes synchronously.</summary>
    public static void End(ServiceProvider modules) =>
        Assert.True(modules.DisposeAsync().AsTask().IsCompletedSuccessfully);
}
