using k8s;
using k8s.Exceptions;
using YamlDotNet.Core;

namespace MailOperator.Kubernetes;

/// <summary>Finds the cluster: <c>KUBECONFIG</c>, <c>~/.kube/config</c>, or the pod's ServiceAccount.</summary>
internal static class ClusterAccess
{
    private const string Variable = "KUBECONFIG";

    public static IServiceCollection AddClusterAccess(this IServiceCollection services) => services
        .AddSingleton(static _ => Find())
        .AddSingleton(static provider => Connect(
            provider.GetRequiredService<KubernetesClientConfiguration>(),
            provider.GetRequiredService<RuntimeMetrics>()));

    /// <exception cref="InvalidOperationException">There is none, or it is unusable; the message says why.</exception>
    public static KubernetesClientConfiguration Find()
    {
        // The library would try http://localhost:8080, which is often this very process.
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 }
            && !File.Exists(KubernetesClientConfiguration.KubeConfigDefaultLocation)
            && !KubernetesClientConfiguration.IsInCluster())
        {
            throw new InvalidOperationException(
                "There is no cluster: this is not a pod with a ServiceAccount's token, and there is no "
                + $"{KubernetesClientConfiguration.KubeConfigDefaultLocation}. Set KUBECONFIG to a kubeconfig.");
        }

        return Try(KubernetesClientConfiguration.BuildDefaultConfig);
    }

    private static k8s.Kubernetes Connect(KubernetesClientConfiguration configuration, RuntimeMetrics metrics) =>
        Try(() => ApiConnection.Create(configuration, new RequestMetrics(metrics)));

    private static T Try<T>(Func<T> use)
    {
        try
        {
            return use();
        }
#pragma warning disable CA1031 // the library fails in many ways on a file that it cannot use
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw new InvalidOperationException($"{Place()} cannot be used: {Words(e)}");
        }
    }

    private static string Place() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } set
        ? $"The kubeconfig {set} ({Variable})"
        : File.Exists(KubernetesClientConfiguration.KubeConfigDefaultLocation)
            ? $"The kubeconfig {KubernetesClientConfiguration.KubeConfigDefaultLocation}"
            : "The pod's ServiceAccount";

    private static string Words(Exception problem) => problem switch
    {
        // The parser's own words name the classes that it fills.
        YamlException yaml => $"it is not a kubeconfig in YAML, at line {yaml.Start.Line}.",
        KubeConfigException or IOException or UnauthorizedAccessException => problem.Message,
        UriFormatException => "the server's address in it is not a URL.",
        FormatException => "a certificate, key or token in it is not encoded as base64.",
        System.Security.Cryptography.CryptographicException => "a certificate or key in it cannot be read.",
        _ => "an entry that is needed is missing in it, such as the user or the cluster of its current context.",
    };
}
