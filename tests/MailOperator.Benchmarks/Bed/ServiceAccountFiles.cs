using System.Text.Json.Nodes;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.Portal;

namespace MailOperator.Benchmarks.Bed;

/// <summary>What Kubernetes mounts into a pod for its ServiceAccount, in a folder of its own.</summary>
/// <param name="Folder">Holds token, ca.crt and namespace.</param>
/// <param name="Server">The API server.</param>
internal sealed record ServiceAccountFiles(string Folder, Uri Server)
{
    public static async Task<ServiceAccountFiles> OfOperatorAsync(Cluster cluster, string folder) =>
        await FromAsync(
            await ShippedRights.KubeconfigAsync(cluster, Made(folder)), ShippedRights.Namespace, folder);

    public static async Task<ServiceAccountFiles> OfPortalAsync(Cluster cluster, string folder) =>
        await FromAsync(await PortalRights.KubeconfigAsync(cluster, Made(folder)), PortalRights.Namespace, folder);

    /// <summary>The same account at another server, such as a slow one.</summary>
    public ServiceAccountFiles At(Uri server, string authority, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (string file in (string[])["token", "namespace"])
        {
            File.Copy(Path.Combine(Folder, file), Path.Combine(folder, file), overwrite: true);
        }

        File.WriteAllText(Path.Combine(folder, "ca.crt"), authority);
        return new ServiceAccountFiles(folder, server);
    }

    private static string Made(string folder) => Directory.CreateDirectory(folder).FullName;

    private static async Task<ServiceAccountFiles> FromAsync(string kubeconfig, string @namespace, string folder)
    {
        JsonNode config = JsonNode.Parse(await File.ReadAllTextAsync(kubeconfig))!;
        JsonNode cluster = config["clusters"]![0]!["cluster"]!;
        await File.WriteAllTextAsync(
            Path.Combine(folder, "token"), (string)config["users"]![0]!["user"]!["token"]!);
        await File.WriteAllTextAsync(Path.Combine(folder, "namespace"), @namespace);
        File.Copy((string)cluster["certificate-authority"]!, Path.Combine(folder, "ca.crt"), overwrite: true);
        File.Delete(kubeconfig);
        return new ServiceAccountFiles(folder, new Uri((string)cluster["server"]!));
    }
}
