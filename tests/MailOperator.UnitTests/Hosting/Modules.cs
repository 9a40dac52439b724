using MailOperator.Hosting;
using MailOperator.Kubernetes;
using MailOperator.MailServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Moq;

namespace MailOperator.UnitTests.Hosting;

/// <summary>The product's own modules around another API server and clock, and whatever else a test puts in their place.</summary>
internal static class Modules
{
    /// <param name="api">The way to the API server.</param>
    /// <param name="clock">Its clock.</param>
    /// <param name="replace">Registers what takes the place of the product's.</param>
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

    /// <summary>Ends them; nothing in a simulation takes time to end.</summary>
    public static void End(ServiceProvider modules) => Assert.True(modules.DisposeAsync().AsTask().IsCompletedSuccessfully);
}
