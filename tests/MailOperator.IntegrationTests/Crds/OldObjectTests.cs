using System.Text.Json.Nodes;
using k8s;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Crds;

/// <summary>
/// An object from before a rule was stricter stays editable, by people and by the operator: else nobody could end its
/// password. The definition is a copy in a group of its own.
/// </summary>
public sealed class OldObjectTests
{
    private const string Group = "old.mailoperator.io";

    private static readonly ResourceType Definitions =
        new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", IsNamespaced: false);

    private static readonly ResourceType Devices =
        new(Group, "v1alpha1", "maildevices", "MailDevice", IsNamespaced: true);

    private static readonly ObjectKey Definition = new("", $"maildevices.{Group}");

    [Fact]
    public async Task Device_FromBeforeTheRules_CanBeSuspendedReportedOnAndLetGo()
    {
        using var cluster = new Cluster(KubernetesClientConfiguration.BuildConfigFromConfigFile(
            Environment.GetEnvironmentVariable("KUBECONFIG_CRD")));
        JsonObject today = Copy();
        JsonObject before = today.DeepClone().AsObject();
        JsonObject spec = Properties(Properties(Schema(before))["spec"]!);
        RemoveRule(spec["mailbox"]!, "self.lowerAscii()");
        RemoveRule(Properties(spec["expiry"]!)["at"]!, "timestamp(");
        await cluster.CreateAsync(Definitions, "", before);
        using var core = Cluster.FromEnvironment();
        string @namespace = await core.NewNamespaceAsync("old");
        var key = new ObjectKey(@namespace, "web");
        await Eventually.TrueAsync(
            "the copy is served",
            () => IsAcceptedAsync(() => cluster.CreateAsync(Devices, @namespace, Device("web"))));

        await cluster.MergeAsync(
            Definitions, Definition, new JsonObject { ["spec"] = today["spec"]!.DeepClone() }.ToJsonString());
        int tries = 0;
        await Eventually.TrueAsync("the rules are in force", async () =>
            !await IsAcceptedAsync(() => cluster.CreateAsync(Devices, @namespace, Device($"new-{tries++}"))));

        // Mutant: a rule over the whole spec instead of the field, which changes whenever anything does.
        await cluster.MergeAsync(Devices, key, "{metadata: {labels: {a: b}, finalizers: [mailoperator.io/revoke]}}");
        await cluster.MergeAsync(Devices, key, "{spec: {suspended: true, displayName: Web}}");
        await cluster.Api.JsonPatchAsync(
            Devices, key, "status", """[{"op":"add","path":"/status/observedGeneration","value":2}]"""u8.ToArray(),
            TestContext.Current.CancellationToken);
        await cluster.MergeAsync(Devices, key, "{spec: {expiry: {at: '2027-01-01T00:00:00Z'}}}"); // put right
        Assert.False(await IsAcceptedAsync(() =>
            cluster.MergeAsync(Devices, key, "{spec: {expiry: {at: '9998-01-01T00:00:00Z'}}}")));
        await cluster.MergeAsync(Devices, key, "{spec: {mailbox: ada@example.com}}");
        await cluster.DeleteAsync(Devices, key);
        await cluster.MergeAsync(Devices, key, "{metadata: {finalizers: null}}");
        Assert.Null(await cluster.FindAsync(Devices, key));
        await cluster.DeleteAsync(Definitions, Definition);
        await core.DeleteAsync(ResourceType.Namespaces, new ObjectKey("", @namespace));
    }

    private static JsonObject Device(string name) => YamlJson.Parse(
        $"{{metadata: {{name: {name}}}, spec: {{mailbox: Ada@Example.COM, expiry: {{at: '9999-01-01T00:00:00Z'}}}}}}")!
        .AsObject();

    private static JsonObject Copy()
    {
        string yaml = File.ReadAllText(Repository.Path("crds", "maildevices.yaml"))
            .Replace("name: maildevices.mailoperator.io", $"name: maildevices.{Group}", StringComparison.Ordinal)
            .Replace("group: mailoperator.io", $"group: {Group}", StringComparison.Ordinal);
        return YamlJson.Parse(yaml)!.AsObject();
    }

    private static JsonNode Schema(JsonObject definition) =>
        definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!;

    private static JsonObject Properties(JsonNode schema) => schema["properties"]!.AsObject();

    private static void RemoveRule(JsonNode field, string part)
    {
        JsonArray rules = field["x-kubernetes-validations"]!.AsArray();
        JsonNode rule = rules.Single(rule => ((string)rule!["rule"]!).Contains(part, StringComparison.Ordinal)
            && !((string)rule["rule"]!).Contains("oldSelf", StringComparison.Ordinal))!;
        rules.Remove(rule);
    }

    private static async Task<bool> IsAcceptedAsync(Func<Task<JsonObject>> write)
    {
        try
        {
            await write();
            return true;
        }
        catch (ApiException e)
        {
            TestContext.Current.TestOutputHelper!.WriteLine(e.Message);
            return false;
        }
    }
}
