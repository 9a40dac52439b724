using System.Diagnostics;
using System.Text.Json.Nodes;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>A Prometheus that asks everybody every second, and forgets all when it is disposed.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private static readonly HttpClient Http = new();
    private readonly string _folder;
    private readonly Process _process;
    private readonly int _port;

    private PrometheusServer(string folder, Process process, int port) =>
        (_folder, _process, _port) = (folder, process, port);

    /// <param name="rules">A file of rules; JSON is YAML too.</param>
    public static async Task<PrometheusServer> StartAsync(JsonObject rules)
    {
        string folder = Directory.CreateTempSubdirectory("prometheus-").FullName;
        int port = FreePort.Find();
        await File.WriteAllTextAsync(Path.Combine(folder, "rules.yml"), rules.ToJsonString());
        await File.WriteAllTextAsync(Path.Combine(folder, "targets.json"), "[]");
        await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.yml"), """
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: [rules.yml]
            scrape_configs:
            - job_name: mail-operator
              file_sd_configs: [{files: [targets.json], refresh_interval: 1s}]
            """);
        var start = new ProcessStartInfo("prometheus",
        [
            $"--config.file={folder}/prometheus.yml", $"--storage.tsdb.path={folder}/data",
            $"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
        ]);
        var server = new PrometheusServer(folder, Process.Start(start)!, port);
        await Eventually.TrueAsync("Prometheus is ready", server.IsReadyAsync);
        return server;
    }

    /// <summary>Whom it asks from now on, by instance.</summary>
    public async Task ScrapeAsync(params (string Instance, Uri Address)[] targets)
    {
        var groups = new JsonArray([.. targets.Select(static target => new JsonObject
        {
            ["targets"] = new JsonArray(target.Address.Authority),
            ["labels"] = new JsonObject { ["instance"] = target.Instance },
        })]);
        string next = Path.Combine(_folder, "targets.next");
        await File.WriteAllTextAsync(next, groups.ToJsonString());
        File.Move(next, Path.Combine(_folder, "targets.json"), overwrite: true);
    }

    /// <summary>The samples of an instant query, as labels and value.</summary>
    public async Task<IReadOnlyList<JsonObject>> QueryAsync(string query)
    {
        using HttpResponseMessage response = await Http.GetAsync(
            new Uri($"http://127.0.0.1:{_port}/api/v1/query?query={Uri.EscapeDataString(query)}"),
            TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        JsonNode answer = JsonNode.Parse(text)!;
        Assert.True((string?)answer["status"] == "success", text);
        return [.. answer["data"]!["result"]!.AsArray().Select(static one => one!.AsObject())];
    }

    public async Task<bool> IsFiringAsync(string alert, string labels = "") => (await QueryAsync(
        $"ALERTS{{alertname=\"{alert}\", alertstate=\"firing\"{labels}}}")).Count > 0;

    public Task FiresAsync(string alert, string labels = "") =>
        Eventually.TrueAsync($"{alert} fires", () => IsFiringAsync(alert, labels));

    public Task EndsAsync(string alert, string labels = "") =>
        Eventually.TrueAsync(
            $"{alert} ends", TimeSpan.FromSeconds(90), async () => !await IsFiringAsync(alert, labels));

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> IsReadyAsync()
    {
        Assert.False(_process.HasExited, "Prometheus has ended.");
        try
        {
            using HttpResponseMessage response = await Http.GetAsync(
                new Uri($"http://127.0.0.1:{_port}/-/ready"), TestContext.Current.CancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
