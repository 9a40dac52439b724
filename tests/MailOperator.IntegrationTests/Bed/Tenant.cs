using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using k8s;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// Somebody with the role <c>edit</c> in one namespace, and no other right: what Kubernetes gives it and what the chart
/// adds to it.
/// </summary>
internal static partial class Tenant
{
    private const string Account = "tenant";

    /// <summary>A client with the rights of the tenant.</summary>
    /// <param name="cluster">The administrator's.</param>
    /// <param name="namespace">Where it has the role.</param>
    /// <param name="folder">For its kubeconfig.</param>
    public static async Task<Cluster> JoinAsync(Cluster cluster, string @namespace, string folder)
    {
        await cluster.CreateAsync(Cluster.ServiceAccounts, @namespace, $"{{metadata: {{name: {Account}}}}}");
        foreach (JsonObject role in Roles())
        {
            await cluster.CreateIfAbsentAsync(Cluster.ClusterRoles, "", role);
        }

        // What the aggregation makes of them.
        string[] names =
        [
            "system:aggregate-to-view", "system:aggregate-to-edit",
            .. Roles().Select(static role => (string)role["metadata"]!["name"]!),
        ];
        foreach (string name in names)
        {
            await cluster.CreateAsync(
                Cluster.RoleBindings, @namespace,
                $"{{metadata: {{name: '{name.Replace(':', '-')}'}}, roleRef: {{apiGroup: rbac.authorization.k8s.io, "
                + $"kind: ClusterRole, name: '{name}'}}, "
                + $"subjects: [{{kind: ServiceAccount, name: {Account}, namespace: {@namespace}}}]}}");
        }

        string kubeconfig = await ShippedRights.KubeconfigAsync(cluster, @namespace, Account, folder);
        return new Cluster(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
    }

    /// <summary>The roles of the chart that <c>edit</c> gets.</summary>
    private static JsonObject[] Roles()
    {
        string template = File.ReadAllText(
            Repository.Path("charts", "mail-operator", "templates", "rbac-users.yaml"));
        string yaml = Action().Replace(Include().Replace(template, "mail-operator"), "");
        return
        [
            .. YamlJson.ParseAll(yaml).Where(static role =>
                role["metadata"]!["labels"]?["rbac.authorization.k8s.io/aggregate-to-edit"] is not null),
        ];
    }

    [GeneratedRegex("""\{\{ include "mail-operator\.fullname" \. \}\}""")]
    private static partial Regex Include();

    [GeneratedRegex("""^.*\{\{-.*$""", RegexOptions.Multiline)]
    private static partial Regex Action();
}
