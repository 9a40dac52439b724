using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.IntegrationTests.MailDevices;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Monitoring;

/// <summary>What the operator writes into its log as it is installed: JSON, at Information.</summary>
public sealed class LogTests : OperatorTest
{
    [Fact]
    public async Task Log_OfAPassword_IsItsAuditTrail_AndOfAHealthyClusterNothing()
    {
        await OthersHaveGoneAsync();
        string folder = Directory.CreateTempSubdirectory("mail-operator-log-").FullName;
        string levels = Path.Combine(folder, "logging.json");
        await WriteAsync(levels, "Information");
        await Bed.Operator.StopAsync();
        string kubeconfig = await ShippedRights.KubeconfigAsync(Cluster, folder);
        try
        {
            await RunAsync(kubeconfig, folder, levels);
        }
        finally
        {
            await Bed.Operator.StartAsync();
        }
    }

    private async Task RunAsync(string kubeconfig, string folder, string levels)
    {
        await using var process = new OperatorProcess(kubeconfig, folder, new Dictionary<string, string>
        {
            ["MAIL_OPERATOR_Namespace"] = ShippedRights.Namespace,
            ["MAIL_OPERATOR_ResyncInterval"] = "00:00:10",
            ["MAIL_OPERATOR_Logging__Console__FormatterName"] = "json",
            ["MAIL_OPERATOR_Logging__File"] = levels,
            ["Logging__LogLevel__System.Net.Http"] = "Warning",
        });
        await process.StartAsync();
        string log = Path.Combine(folder, "operator-1.log");
        await LiveAsync(log);
        await SteadyAsync(process, log);

        await WriteAsync(levels, "Warning"); // mutant: read the file once
        int number = 0;
        await Eventually.TrueAsync(
            "without a restart it says less, and still writes the trail",
            async () => !await IsToldAsync(log, $"told-{number++}"));
    }

    private async Task LiveAsync(string log)
    {
        await Cluster.CreateDeviceAsync(Namespace, "phone", "{mailbox: phone@example.com}");
        await Bed.WaitForDeviceAsync(Key("phone"), "Ready", "True");
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("phone"), Annotations.RotateAndRevoke, "now");
        await Cluster.CreateDeviceAsync(Namespace, "foreign", "{mailbox: phone@example.net}");
        await AuditedAsync(log, "phone", "issued spec", "ended token", "rotated token");
        await AuditedAsync(log, "foreign", "refused grant");
        string secret = (await Bed.SecretAsync(Key("phone")))["password"];
        Assert.DoesNotContain(secret, await File.ReadAllTextAsync(log), StringComparison.Ordinal);
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("foreign"));
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("phone"));
        await AuditedAsync(log, "phone", "issued spec", "ended token", "rotated token", "ended deletion");
        await Cluster.CreateDeviceAsync(Namespace, "stays", "{mailbox: stays@example.com}");
        await Bed.WaitForDeviceAsync(Key("stays"), "Ready", "True");
    }

    private async Task<bool> IsToldAsync(string log, string name)
    {
        await Cluster.CreateDeviceAsync(Namespace, name, $"{{mailbox: {name}@example.com}}");
        await AuditedAsync(log, name, "issued spec");
        return (await LinesAsync(log)).Any(line => (string?)line["State"]?["Device"] == $"{Namespace}/{name}");
    }

    // Each object is looked at several times, and nothing is worth a line.
    private static async Task SteadyAsync(OperatorProcess process, string log)
    {
        double begun = await ReconcilesAsync(process);
        await Eventually.TrueAsync(
            "it has settled", async () => await ReconcilesAsync(process) >= begun + 2);
        int lines = (await LinesAsync(log)).Count;
        begun = await ReconcilesAsync(process);
        await Eventually.TrueAsync(
            "it has looked again", TimeSpan.FromSeconds(90), async () => await ReconcilesAsync(process) >= begun + 3);

        IReadOnlyList<JsonObject> now = await LinesAsync(log);
        Assert.True(
            now.Count == lines, string.Join('\n', now.Skip(lines).Select(static line => line.ToJsonString())));
    }

    private Task<string[]> AuditedAsync(string log, string name, params string[] expected) =>
        Eventually.GetAsync($"the trail of {name} is {string.Join(", ", expected)}", async () =>
        {
            string[] trail =
            [
                .. (await LinesAsync(log))
                    .Where(line => (string?)line["Category"] == "MailOperator.Audit"
                        && (string?)line["State"]!["namespace"] == Namespace
                        && (string?)line["State"]!["name"] == name)
                    .Select(static line => $"{line["State"]!["action"]} {line["State"]!["trigger"]}"),
            ];
            return expected.All(trail.Contains) ? trail : null;
        });

    private static async Task<double> ReconcilesAsync(OperatorProcess process) =>
        MetricsPage.Of(await process.MetricsAsync())
            .Samples["controller_runtime_reconcile_time_seconds_count{controller=\"maildevice\"}"];

    // All of it is JSON, a line an object.
    private static async Task<IReadOnlyList<JsonObject>> LinesAsync(string log)
    {
        using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        string text = await reader.ReadToEndAsync();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => JsonNode.Parse(line)!.AsObject())];
    }

    private static Task WriteAsync(string file, string level) =>
        File.WriteAllTextAsync(file, $$$$"""{"Logging": {"LogLevel": {"Default": "{{{{level}}}}"}}}""");
}
