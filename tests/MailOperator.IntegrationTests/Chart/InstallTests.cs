using System.Text.Json.Nodes;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.Chart;

/// <summary>
/// The chart installed by helm. There are no nodes, so the test starts the command of the pod itself.
/// </summary>
public sealed class InstallTests : IAsyncLifetime
{
    private const string Release = "installed";
    private const string Name = "installed-mail-operator";

    private static readonly ResourceType Deployments =
        new("apps", "v1", "deployments", "Deployment", IsNamespaced: true);

    private readonly Cluster _cluster = Cluster.FromEnvironment();
    private readonly string _folder = Directory.CreateTempSubdirectory("mail-operator-chart-").FullName;
    private string _namespace = "";

    public async ValueTask InitializeAsync() => _namespace = await _cluster.NewNamespaceAsync("chart");

    public async ValueTask DisposeAsync()
    {
        await _cluster.DeleteAsync(ResourceType.Namespaces, new ObjectKey("", _namespace));
        _cluster.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Operator_StartedAsTheChartSays_LeadsAndAnswersItsProbes()
    {
        await HelmAsync("install", Release, ChartForAnyServer(), "--set", "crds.install=false");
        try
        {
            JsonObject pod = (await _cluster.FindAsync(
                Deployments, new ObjectKey(_namespace, Name)))!["spec"]!["template"]!["spec"]!.AsObject();
            JsonNode container = pod["containers"]![0]!;
            string kubeconfig = await ShippedRights.KubeconfigAsync(
                _cluster, _namespace, (string)pod["serviceAccountName"]!, _folder);

            // Everything but the address, whose port may be in use on this machine.
            var environment = container["env"]!.AsArray()
                .Where(static variable => (string)variable!["name"]! != "MAIL_OPERATOR_ListenUrl")
                .ToDictionary(
                    static variable => (string)variable!["name"]!,
                    variable => (string?)variable!["value"] ?? _namespace);
            await using var process = new OperatorProcess(kubeconfig, _folder, environment);
            await process.StartAsync();

            using var http = new HttpClient { BaseAddress = process.Address };
            foreach (string probe in (string[])["startupProbe", "livenessProbe", "readinessProbe"])
            {
                using HttpResponseMessage answer = await http.GetAsync(
                    new Uri((string)container[probe]!["httpGet"]!["path"]!, UriKind.Relative),
                    TestContext.Current.CancellationToken);
                Assert.True(answer.IsSuccessStatusCode, $"{probe}: {answer.StatusCode}");
            }

            await Eventually.TrueAsync("the operator has taken the lease", async () =>
                await _cluster.FindAsync(ResourceType.Leases, new ObjectKey(_namespace, "mail-operator")) is { } lease
                && (string?)lease["spec"]!["holderIdentity"] is { Length: > 0 });
            Assert.Equal(0, await process.StopAsync());
        }
        finally
        {
            await HelmAsync("uninstall", Release);
        }

        Assert.DoesNotContain(
            await _cluster.ListAsync(Cluster.ClusterRoles),
            static role => ((string)role["metadata"]!["name"]!).StartsWith(Name, StringComparison.Ordinal));
        Assert.Empty(await _cluster.ListAsync(Deployments, _namespace));
    }

    /// <summary>A copy of the chart without its kubeVersion, because the tests' API server is older.</summary>
    private string ChartForAnyServer()
    {
        string copy = Path.Combine(_folder, "chart");
        foreach (string file in Directory.EnumerateFiles(Helm.Chart, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(copy, Path.GetRelativePath(Helm.Chart, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        string about = Path.Combine(copy, "Chart.yaml");
        File.WriteAllLines(
            about,
            File.ReadAllLines(about).Where(static line => !line.StartsWith("kubeVersion:", StringComparison.Ordinal)));
        return copy;
    }

    private async Task HelmAsync(params string[] arguments)
    {
        (int exitCode, string output, string errors) = await Helm.TryAsync([.. arguments, "--namespace", _namespace]);
        Assert.True(exitCode == 0, $"helm {string.Join(' ', arguments)}: {errors}{output}");
    }
}
