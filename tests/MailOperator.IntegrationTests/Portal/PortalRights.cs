using System.Text.Json.Nodes;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Portal;

/// <summary>A ServiceAccount with the role that the chart ships for the portal, and nothing else.</summary>
internal static class PortalRights
{
    public const string Namespace = "mail-operator-portal";
    public const string Account = "mail-operator-portal";

    public static async Task<string> KubeconfigAsync(Cluster cluster, string folder)
    {
        JsonObject role = YamlJson.ReadAll(
            Repository.Path("charts", "mail-operator", "files", "portal-clusterrole.yaml")).Single();
        await cluster.CreateIfAbsentAsync(ResourceType.Namespaces, "", Named(Namespace));
        await cluster.CreateIfAbsentAsync(Cluster.ServiceAccounts, Namespace, Named(Account));
        await cluster.CreateIfAbsentAsync(Cluster.ClusterRoles, "", role);
        await cluster.CreateIfAbsentAsync(Cluster.ClusterRoleBindings, "", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = Account },
            ["roleRef"] = new JsonObject
            {
                ["apiGroup"] = "rbac.authorization.k8s.io",
                ["kind"] = "ClusterRole",
                ["name"] = (string)role["metadata"]!["name"]!,
            },
            ["subjects"] = new JsonArray(
                new JsonObject { ["kind"] = "ServiceAccount", ["name"] = Account, ["namespace"] = Namespace }),
        });
        return await ShippedRights.KubeconfigAsync(cluster, Namespace, Account, folder);
    }

    private static JsonObject Named(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };
}
