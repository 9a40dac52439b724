using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Crds;

/// <summary>The API server of KUBECONFIG as JSON over HTTP, with a namespace for this fixture.</summary>
public sealed class ApiServer : IAsyncLifetime
{
    private readonly k8s.Kubernetes _client = ApiConnection.Create(
        KubernetesClientConfiguration.BuildConfigFromConfigFile(
            Environment.GetEnvironmentVariable("KUBECONFIG")
            ?? throw new InvalidOperationException(
                "KUBECONFIG is not set; run the tests under tests/control-plane/up.sh.")));

    public string Namespace { get; } = $"crds-{Guid.NewGuid().ToString("N")[..8]}";

    public async ValueTask InitializeAsync() => await CreateNamespaceAsync(Namespace, default);

    public async ValueTask DisposeAsync()
    {
        await SendAsync(HttpMethod.Delete, $"api/v1/namespaces/{Namespace}", null, default);
        _client.Dispose();
    }

    public async Task CreateNamespaceAsync(string name, CancellationToken cancellationToken) =>
        await SendAsync(
            HttpMethod.Post,
            "api/v1/namespaces",
            new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } },
            cancellationToken);

    /// <summary>Creates an object of this API group. Returns why it was refused; null if it was not.</summary>
    internal Task<string?> CreateAsync(JsonObject @object, bool dryRun, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, Collection(@object) + Query(dryRun), @object, cancellationToken);

    /// <summary>Merges a change into an object or its status. Returns why it was refused; null if it was not.</summary>
    internal Task<string?> PatchAsync(
        JsonObject @object, string? subresource, JsonObject patch, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Patch, $"{Path(@object)}{(subresource is null ? "" : "/" + subresource)}?fieldManager=test",
            patch, cancellationToken);

    internal Task<string?> DeleteAsync(JsonObject @object, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, Path(@object), null, cancellationToken);

    private static string Query(bool dryRun) => dryRun ? "?dryRun=All" : "";

    private string Path(JsonObject @object) => $"{Collection(@object)}/{(string)@object["metadata"]!["name"]!}";

    private string Collection(JsonObject @object)
    {
        var crd = CustomResourceDefinition.OfKind((string)@object["kind"]!);
        string? @namespace = (string?)@object["metadata"]!["namespace"] ?? Namespace;
        return new ResourceType(crd.Group, crd.VersionName, crd.Plural, crd.Kind, crd.IsNamespaced)
            .CollectionPath(@namespace);
    }

    private async Task<string?> SendAsync(
        HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(_client.BaseUri, path));
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(
                method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        }

        if (_client.Credentials is { } credentials)
        {
            await credentials.ProcessHttpRequestAsync(request, cancellationToken);
        }

        using HttpResponseMessage response = await _client.HttpClient.SendAsync(request, cancellationToken);
        string answer = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode ? null : Message(answer);
    }

    private static string Message(string answer) =>
        answer.StartsWith('{') ? (string?)JsonNode.Parse(answer)!["message"] ?? answer : answer;
}
