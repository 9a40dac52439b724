using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using MailOperator.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>A policy engine that refuses every Secret written in one namespace, until it is disposed of.</summary>
internal sealed class RefusingWebhook : IAsyncDisposable
{
    private static readonly ResourceType Configurations = new(
        "admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration",
        IsNamespaced: false);

    private readonly Cluster _cluster;
    private readonly string _namespace;
    private readonly WebApplication _server;

    private RefusingWebhook(Cluster cluster, string @namespace, WebApplication server)
    {
        _cluster = cluster;
        _namespace = @namespace;
        _server = server;
    }

    /// <summary>What it says.</summary>
    public string Words => $"no Secrets in {_namespace}, says the policy";

    /// <summary>Refuses with this status of HTTP, once the API server asks it.</summary>
    public static async Task<RefusingWebhook> StartAsync(Cluster cluster, string @namespace, int status)
    {
        using var authority = new TestAuthority("policies");
        (string certificate, string key) = authority.Issue("policy");
        using var pair = X509Certificate2.CreateFromPem(certificate, key);
        // Not disposed of: the server has it until the end.
        X509Certificate2 own = X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pfx), null);
        int port = FreePort.Find();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
            options.Listen(System.Net.IPAddress.Loopback, port, listen => listen.UseHttps(own)));
        var webhook = new RefusingWebhook(cluster, @namespace, builder.Build());
        webhook._server.MapPost("/", async (HttpContext context) =>
        {
            JsonNode review = (await JsonNode.ParseAsync(context.Request.Body))!;
            await context.Response.WriteAsync(webhook.Answer((string)review["request"]!["uid"]!, status));
        });
        await webhook._server.StartAsync();
        // The control plane of the tests may be too old to label a namespace with its name.
        await cluster.MergeAsync(
            ResourceType.Namespaces, new ObjectKey("", @namespace),
            $"{{metadata: {{labels: {{policies.example.com/of: {@namespace}}}}}}}");
        await cluster.CreateAsync(
            Configurations, "",
            $$$"""
            metadata: {name: {{{@namespace}}}}
            webhooks:
            - name: secrets.policies.example.com
              admissionReviewVersions: [v1]
              sideEffects: None
              failurePolicy: Fail
              clientConfig:
                url: https://127.0.0.1:{{{port}}}/
                caBundle: {{{Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(authority.Pem))}}}
              namespaceSelector: {matchLabels: {policies.example.com/of: {{{@namespace}}}}}
              rules:
              - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [secrets]}
            """);
        await Eventually.TrueAsync("the API server asks the policy", webhook.IsAskedAsync);
        return webhook;
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DeleteAsync(Configurations, new ObjectKey("", _namespace));
        await Eventually.TrueAsync("the API server no longer asks the policy", async () => !await IsAskedAsync());
        await _server.DisposeAsync();
    }

    private string Answer(string uid, int status) => new JsonObject
    {
        ["apiVersion"] = "admission.k8s.io/v1",
        ["kind"] = "AdmissionReview",
        ["response"] = new JsonObject
        {
            ["uid"] = uid,
            ["allowed"] = false,
            ["status"] = new JsonObject { ["code"] = status, ["message"] = Words },
        },
    }.ToJsonString();

    private async Task<bool> IsAskedAsync()
    {
        var probe = new ObjectKey(_namespace, $"probe-{Guid.NewGuid().ToString("N")[..8]}");
        try
        {
            await _cluster.CreateAsync(ResourceType.Secrets, _namespace, $"{{metadata: {{name: {probe.Name}}}}}");
            await _cluster.DeleteAsync(ResourceType.Secrets, probe);
            return false;
        }
        catch (ApiException e)
        {
            return e.Message.Contains(Words, StringComparison.Ordinal);
        }
    }
}
