using System.Globalization;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.Chart.Image;

/// <summary>The image in the chart's pods, as a node would run them.</summary>
[Trait(RunsTrait.Name, RunsTrait.Alone)]
public sealed class ImageTests : IAsyncLifetime
{
    private const long MaxCompressed = 40_000_000;

    private const string Publisher = "https://devices.example.com";

    private readonly Cluster _cluster = Cluster.FromEnvironment();
    private readonly string _volume = Directory.CreateTempSubdirectory("mail-operator-volume-").FullName;
    private string _namespace = "";

    public async ValueTask InitializeAsync()
    {
        _namespace = await _cluster.NewNamespaceAsync("image");
        await Shell.RunAsync("chown", "64198:64198", _volume);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DeleteAsync(ResourceType.Namespaces, new ObjectKey("", _namespace));
        _cluster.Dispose();
        Directory.Delete(_volume, recursive: true);
    }

    [Fact]
    public async Task Operator_InItsPod_IssuesAPassword_WithoutAnyPrivilege()
    {
        IReadOnlyList<JsonObject> objects = await InstallAsync();
        var address = new Uri($"http://127.0.0.1:{FreePort.Find()}");
        await using PodRun run = await StartAsync(
            objects, "image-mail-operator", ("MAIL_OPERATOR_ListenUrl", address.ToString()));

        TimeSpan ready = await run.AnswersAsync(new Uri(address, "/readyz"));
        string memory = run.Kernel("VmRSS");
        AssertIsConfined(run);

        const string backend = "image";
        var device = new ObjectKey(_namespace, "device");
        await _cluster.CreateAsync(
            ApiGroup.MailBackends, "",
            $$$"""
            metadata: {name: {{{backend}}}}
            spec:
              passwdFile: {path: /var/lib/mail-operator/passwd}
              client: {imap: {host: mail.example.com, port: 993, security: TLS}}
              hashing: {workFactor: 4}
              grants: [{mailboxes: ["*@example.com"]}]
            """);
        try
        {
            await _cluster.CreateAsync(
                ApiGroup.MailDevices, _namespace,
                $"{{metadata: {{name: device}}, spec: {{backendRef: {{name: {backend}}}, mailbox: a@example.com}}}}");
            await Eventually.TrueAsync("the device is ready", async () =>
                await _cluster.FindAsync(ApiGroup.MailDevices, device) is { } found
                && (string?)Status.Condition(found, "Ready")?["status"] == "True");
            Assert.Contains("/a@example.com/", await File.ReadAllTextAsync(
                Path.Combine(_volume, "passwd"), TestContext.Current.CancellationToken));
        }
        finally
        {
            await _cluster.DeleteAsync(ApiGroup.MailDevices, device);
            await Eventually.TrueAsync("the device is gone", async () =>
                await _cluster.FindAsync(ApiGroup.MailDevices, device) is null);
            await _cluster.DeleteAsync(ApiGroup.MailBackends, new ObjectKey("", backend));
        }

        Assert.Equal(0, await run.StopAsync());
        BuiltImage image = await BuiltImage.GetAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"image {image.Compressed / 1e6:0.0} MB, ready after {ready.TotalSeconds:0.0} s, {memory} when idle"));
    }

    [Fact]
    public async Task Portal_InItsPod_ServesPages_WithoutAnyPrivilege()
    {
        IReadOnlyList<JsonObject> objects = await InstallAsync();
        var pages = new Uri($"http://127.0.0.1:{FreePort.Find()}");
        var management = new Uri($"http://127.0.0.1:{FreePort.Find()}");
        await using PodRun run = await StartAsync(
            objects, "image-mail-operator-portal",
            ("MAIL_OPERATOR_PORTAL_ListenUrl", pages.ToString()),
            ("MAIL_OPERATOR_PORTAL_ManagementUrl", management.ToString()));

        await run.AnswersAsync(new Uri(management, "/readyz"));
        AssertIsConfined(run);
        using var http = new HttpClient();
        string page = await (await http.GetAsync(
            new Uri(pages, "/i/none"), TestContext.Current.CancellationToken))
            .Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("<html", page, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, await run.StopAsync());
    }

    [Fact]
    public async Task Image_IsLabelled_SmallAndHasNoShell()
    {
        BuiltImage image = await BuiltImage.GetAsync();

        Assert.Equal("64198:64198", (string)image.Config["User"]!);
        Assert.All(
            (string[])["title", "description", "licenses", "version", "revision", "created"],
            name => Assert.NotEmpty((string)image.Config["Labels"]![$"org.opencontainers.image.{name}"]!));
        Assert.False(Path.Exists(Path.Combine(image.Root, "bin", "sh")));
        Assert.True(File.Exists(Path.Combine(image.Root, "licenses", "LICENSE")));
        // Native code alone: no assembly, and no symbols.
        Assert.Equal(
            ["MailOperator"], Directory.EnumerateFiles(Path.Combine(image.Root, "app")).Select(Path.GetFileName));
        Assert.InRange(image.Compressed, 0, MaxCompressed);
    }

    private async Task<PodRun> StartAsync(
        IReadOnlyList<JsonObject> objects, string deployment, params (string Name, string Value)[] environment)
    {
        JsonObject pod = objects.Single(one => (string)one["kind"]! == "Deployment"
            && (string)one["metadata"]!["name"]! == deployment)["spec"]!["template"]!["spec"]!.AsObject();
        JsonNode cluster = JsonNode.Parse(await Shell.RunAsync(
            "kubectl", "config", "view", "--raw", "--minify", "-o", "json"))!["clusters"]![0]!["cluster"]!;
        var node = new Node(
            _namespace,
            await _cluster.TokenOfAsync(_namespace, (string)pod["serviceAccountName"]!),
            (string)cluster["certificate-authority"]!,
            new Uri((string)cluster["server"]!),
            new Dictionary<string, string> { ["passwd"] = _volume, ["logging"] = Settings(objects) });
        return PodRun.Start(
            await BuiltImage.GetAsync(), pod, node, environment.ToDictionary(one => one.Name, one => one.Value));
    }

    /// <summary>A folder with the files of the chart's ConfigMap, as the kubelet makes it.</summary>
    private string Settings(IReadOnlyList<JsonObject> objects)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_volume, "settings")).FullName;
        JsonObject map = objects.Single(static one => (string)one["kind"]! == "ConfigMap");
        foreach ((string name, JsonNode? text) in map["data"]!.AsObject())
        {
            File.WriteAllText(Path.Combine(folder, name), (string)text!);
        }

        return folder;
    }

    /// <summary>Renders the chart and applies its accounts and rights.</summary>
    private async Task<IReadOnlyList<JsonObject>> InstallAsync()
    {
        await BuiltImage.GetAsync();
        (int exitCode, string output, string errors) = await Helm.TryAsync(
            ["template", "image", Helm.Chart, "--namespace", _namespace, .. Helm.Set(
                "crds.install=false", "portal.enabled=true", $"portal.config.publicUrl={Publisher}",
                "extraVolumes[0].name=passwd", "extraVolumes[0].persistentVolumeClaim.claimName=passwd",
                "extraVolumeMounts[0].name=passwd", "extraVolumeMounts[0].mountPath=/var/lib/mail-operator")]);
        Assert.True(exitCode == 0, errors);
        IReadOnlyList<JsonObject> objects = MailOperator.Tests.YamlJson.ParseAll(output);
        string[] kinds = ["ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];
        var wanted = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "List",
            ["items"] = new JsonArray(
                [.. objects.Where(one => kinds.Contains((string)one["kind"]!)).Select(one => one.DeepClone())]),
        };
        (exitCode, _, errors) = await Shell.TryAsync("kubectl", ["apply", "-f", "-"], wanted.ToJsonString());
        Assert.True(exitCode == 0, errors);
        return objects;
    }

    private static void AssertIsConfined(PodRun run)
    {
        Assert.Equal("64198\t64198\t64198\t64198", run.Kernel("Uid"));
        Assert.Equal("0000000000000000", run.Kernel("CapEff"));
        Assert.Equal("0000000000000000", run.Kernel("CapBnd"));
        Assert.Equal("1", run.Kernel("NoNewPrivs"));
        Assert.Equal("2", run.Kernel("Seccomp"));
        string root = File.ReadLines($"/proc/{run.ProcessId}/mountinfo").Single(line => line.Split(' ')[4] == "/");
        Assert.StartsWith("ro", root.Split(' ')[5]);
    }
}
