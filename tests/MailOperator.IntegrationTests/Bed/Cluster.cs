using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>The API server with the rights of an administrator, in JSON.</summary>
internal sealed class Cluster : IDisposable
{
    public static readonly ResourceType ServiceAccounts =
        new("", "v1", "serviceaccounts", "ServiceAccount", IsNamespaced: true);
    public static readonly ResourceType ClusterRoles =
        new("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", IsNamespaced: false);
    public static readonly ResourceType ClusterRoleBindings =
        new("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", IsNamespaced: false);
    public static readonly ResourceType Roles =
        new("rbac.authorization.k8s.io", "v1", "roles", "Role", IsNamespaced: true);
    public static readonly ResourceType RoleBindings =
        new("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", IsNamespaced: true);
    public static readonly ResourceType Pods = new("", "v1", "pods", "Pod", IsNamespaced: true);

    private readonly k8s.Kubernetes _client;

    public Cluster(KubernetesClientConfiguration configuration)
    {
        _client = ApiConnection.Create(configuration);
        Api = new KubernetesApi(_client, TimeProvider.System);
    }

    public KubernetesApi Api { get; }

    public static Cluster FromEnvironment() => new(KubernetesClientConfiguration.BuildConfigFromConfigFile(
        Environment.GetEnvironmentVariable("KUBECONFIG")
        ?? throw new InvalidOperationException(
            "KUBECONFIG is not set; run the tests under tests/control-plane/up.sh.")));

    public async Task<JsonObject> CreateAsync(ResourceType type, string @namespace, JsonObject body)
    {
        body["apiVersion"] = type.ApiVersion;
        body["kind"] = type.Kind;
        return Object(await Api.CreateAsync(type, @namespace, Bytes(body), Token));
    }

    public Task<JsonObject> CreateAsync(ResourceType type, string @namespace, string yaml) =>
        CreateAsync(type, @namespace, YamlJson.Parse(yaml)!.AsObject());

    public async Task CreateIfAbsentAsync(ResourceType type, string @namespace, JsonObject body)
    {
        try
        {
            await CreateAsync(type, @namespace, body);
        }
        catch (ApiException e) when (e.IsConflict)
        {
            // It exists.
        }
    }

    public async Task<JsonObject?> FindAsync(ResourceType type, ObjectKey key) =>
        await Api.FindAsync(type, key, Token) is { } found ? Object(found) : null;

    public async Task<JsonObject> MergeAsync(ResourceType type, ObjectKey key, string yaml) =>
        Object(await Api.MergePatchAsync(type, key, Bytes(YamlJson.Parse(yaml)!), Token));

    public Task AnnotateAsync(ResourceType type, ObjectKey key, string name, string? value) =>
        Api.MergePatchAsync(
            type, key,
            Bytes(new JsonObject
            {
                ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [name] = value } },
            }),
            Token);

    public async Task DeleteAsync(ResourceType type, ObjectKey key)
    {
        if (await FindAsync(type, key) is { } found)
        {
            await Api.DeleteAsync(type, key, (string)found["metadata"]!["uid"]!, Token);
        }
    }

    public async Task<IReadOnlyList<JsonObject>> ListAsync(ResourceType type, string? @namespace = null)
    {
        var all = new List<JsonObject>();
        string? next = null;
        do
        {
            using JsonDocument page = await Api.ListPageAsync(type, new Selection(@namespace), 500, next, Token);
            JsonObject list = JsonNode.Parse(page.RootElement.GetRawText())!.AsObject();
            all.AddRange((list["items"]?.AsArray() ?? []).Select(static item => item!.DeepClone().AsObject()));
            next = (string?)list["metadata"]?["continue"] is { Length: > 0 } more ? more : null;
        }
        while (next is not null);
        return all;
    }

    /// <summary>A token of a ServiceAccount, as a pod gets it.</summary>
    public async Task<string> TokenOfAsync(string @namespace, string serviceAccount)
    {
        var tokens = new ResourceType(
            "", "v1", $"serviceaccounts/{serviceAccount}/token", "TokenRequest", IsNamespaced: true);
        byte[] body = Encoding.UTF8.GetBytes(
            """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":86400}}""");
        return (string)Object(await Api.CreateAsync(tokens, @namespace, body, Token))["status"]!["token"]!;
    }

    public async Task<string> NewNamespaceAsync(string prefix, string? labels = null)
    {
        string name = $"{prefix}-{Guid.NewGuid().ToString("N")[..8]}";
        await CreateAsync(ResourceType.Namespaces, "", $"{{metadata: {{name: {name}, labels: {labels ?? "{}"}}}}}");
        return name;
    }

    public Task<JsonObject> CreateDeviceAsync(string @namespace, string name, string spec) =>
        CreateAsync(ApiGroup.MailDevices, @namespace, $"{{metadata: {{name: {name}}}, spec: {spec}}}");

    public void Dispose() => _client.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static byte[] Bytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());

    private static JsonObject Object(byte[] json) => JsonNode.Parse(json)!.AsObject();
}
