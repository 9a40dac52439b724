using k8s;
using MailOperator.Hosting;
using MailOperator.Kubernetes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MailOperator.UnitTests.Hosting;

public sealed class OperatorCompositionTests
{
    [Fact]
    public async Task AddOperator_NothingReplaced_MakesEveryControllerLoopAndHostedService()
    {
        // Mutants: leave out the registration of a service, the resync of a kind, or its watches.
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddOperator(new ConfigurationBuilder().Build());
        services.AddSingleton(new KubernetesClientConfiguration { Host = "http://cluster.test", Namespace = "mail" });
        await using ServiceProvider provider = services.BuildServiceProvider(
            new ServiceProviderOptions { ValidateOnBuild = true });

        Assert.Equal(
            ["mailbackend", "mailuser", "maildevice", "deviceinvitation"],
            provider.GetRequiredService<OperatorRuntime>().Controllers.Select(static controller => controller.Name));
        Assert.Equal(2, provider.GetServices<ILeaderLoop>().Count());
        Assert.Equal(5, provider.GetServices<IWatches>().Count());
        IHostedService[] hosted = [.. provider.GetServices<IHostedService>()];
        Assert.Equal(6, hosted.OfType<IInformer>().Count());
        Assert.Single(hosted.OfType<SecretFeed>());
        Assert.Single(hosted.OfType<WatchConnector>());
        Assert.IsType<OperatorRuntime>(hosted[^1]); // stopped in reverse order: controllers, recorder, caches
        Assert.IsType<EventRecorder>(hosted[^2]);
    }
}
