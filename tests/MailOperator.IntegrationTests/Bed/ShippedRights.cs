using System.Text.Json.Nodes;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>A ServiceAccount with only the roles of the chart.</summary>
internal static class ShippedRights
{
    public const string Namespace = "mail-operator";
    public const string Account = "mail-operator";

    public static IReadOnlyList<JsonObject> ClusterRules => Rules("clusterrole.yaml");

    public static IReadOnlyList<JsonObject> NamespaceRules => Rules("role.yaml");

    /// <summary>Gives the same rights to another release, in a namespace that exists. Returns its kubeconfig.</summary>
    public static async Task<string> InstallAsync(Cluster cluster, string @namespace, string folder)
    {
        await cluster.CreateAsync(
            Cluster.ServiceAccounts, @namespace, new JsonObject { ["metadata"] = Named(Account) });
        await cluster.CreateAsync(
            Cluster.ClusterRoleBindings, "", Binding("ClusterRole", @namespace, name: $"{Account}-{@namespace}"));
        await cluster.CreateAsync(Cluster.Roles, @namespace, Read("role.yaml"));
        await cluster.CreateAsync(Cluster.RoleBindings, @namespace, Binding("Role", @namespace));
        return await KubeconfigAsync(cluster, @namespace, Account, folder);
    }

    /// <summary>Applies the roles and writes a kubeconfig with the token of the account.</summary>
    public static async Task<string> KubeconfigAsync(Cluster cluster, string folder)
    {
        await cluster.CreateIfAbsentAsync(
            ResourceType.Namespaces, "", new JsonObject { ["metadata"] = Named(Namespace) });
        await cluster.CreateIfAbsentAsync(
            Cluster.ServiceAccounts, Namespace, new JsonObject { ["metadata"] = Named(Account) });
        await cluster.CreateIfAbsentAsync(Cluster.ClusterRoles, "", Read("clusterrole.yaml"));
        await cluster.CreateIfAbsentAsync(Cluster.ClusterRoleBindings, "", Binding("ClusterRole"));
        await cluster.CreateIfAbsentAsync(Cluster.Roles, Namespace, Read("role.yaml"));
        await cluster.CreateIfAbsentAsync(Cluster.RoleBindings, Namespace, Binding("Role"));

        return await KubeconfigAsync(cluster, Namespace, Account, folder);
    }

    /// <summary>Writes a kubeconfig with the token of a ServiceAccount.</summary>
    public static async Task<string> KubeconfigAsync(Cluster cluster, string @namespace, string account, string folder)
    {
        JsonObject config = JsonNode.Parse(
            await Shell.RunAsync("kubectl", "config", "view", "--raw", "--minify", "-o", "json"))!.AsObject();
        config["users"]![0]!["user"] = new JsonObject { ["token"] = await cluster.TokenOfAsync(@namespace, account) };
        string path = Path.Combine(folder, "operator.kubeconfig");
        await File.WriteAllTextAsync(path, config.ToJsonString());
        return path;
    }

    private static JsonObject Named(string name) => new() { ["name"] = name };

    private static JsonObject Binding(string kind, string @namespace = Namespace, string name = Account) => new()
    {
        ["metadata"] = Named(name),
        ["roleRef"] = new JsonObject
        {
            ["apiGroup"] = "rbac.authorization.k8s.io",
            ["kind"] = kind,
            ["name"] = "mail-operator",
        },
        ["subjects"] = new JsonArray(
            new JsonObject { ["kind"] = "ServiceAccount", ["name"] = Account, ["namespace"] = @namespace }),
    };

    private static JsonObject Read(string file) =>
        YamlJson.ReadAll(Repository.Path("charts", "mail-operator", "files", file)).Single();

    private static IReadOnlyList<JsonObject> Rules(string file) =>
        [.. Read(file)["rules"]!.AsArray().Select(static rule => rule!.AsObject())];
}
