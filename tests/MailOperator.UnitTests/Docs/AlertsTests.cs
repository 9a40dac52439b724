using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MailOperator.Api;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Docs;

/// <summary>Alerts and dashboard ask for what there is, and each alert has its runbook.</summary>
public sealed partial class AlertsTests
{
    private static readonly JsonObject[] Rules =
    [
        .. YamlJson.ReadAll(File("alerts.yaml")).Single()["groups"]!.AsArray()
            .SelectMany(static group => group!["rules"]!.AsArray()).Select(static rule => rule!.AsObject()),
    ];

    private static readonly HashSet<string> Documented =
    [
        "process_start_time_seconds", // of Prometheus' client
        .. System.IO.File.ReadLines(Repository.Path("docs", "monitoring.md"))
            .Select(static line => Row().Match(line)).Where(static row => row.Success)
            .Select(static row => row.Groups[1].Value),
    ];

    [Fact]
    public void Runbooks_AreThoseOfTheAlerts()
    {
        string[] headings =
        [
            .. System.IO.File.ReadLines(Repository.Path("docs", "runbooks.md"))
                .Where(static line => line.StartsWith("## ", StringComparison.Ordinal))
                .Select(static line => line[3..]),
        ];

        Assert.Equal(Rules.Select(static rule => (string)rule["alert"]!), headings.AsEnumerable());
        Assert.All(Rules, static rule => Assert.Equal(
            $"docs/runbooks.md#{((string)rule["alert"]!).ToLowerInvariant()}",
            (string)rule["annotations"]!["runbook_url"]!));
        Assert.All(Rules, static rule => Assert.Contains(
            (string)rule["labels"]!["severity"]!, (string[])["critical", "warning", "info"]));
    }

    [Fact]
    public void Alerts_Metrics_AreDocumented() => Assert.All(
        Rules, static rule => Assert.All(Metrics((string)rule["expr"]!), AssertDocumented));

    [Fact]
    public void Dashboard_Metrics_AreDocumented()
    {
        JsonObject dashboard = JsonNode.Parse(System.IO.File.ReadAllText(File("dashboard.json")))!.AsObject();
        string[] queries =
        [
            .. dashboard["panels"]!.AsArray().SelectMany(static panel => panel!["targets"]?.AsArray() ?? [])
                .Select(static target => (string)target!["expr"]!),
        ];

        Assert.NotEmpty(queries);
        Assert.All(queries, static query => Assert.All(Metrics(query), AssertDocumented));
    }

    [Fact]
    public void Alerts_ReasonsAndConditions_Exist()
    {
        string all = string.Join('\n', Rules.Select(static rule => (string)rule["expr"]!));
        string[] types = [.. Type().Matches(all).Select(static match => match.Groups[1].Value)];
        string[] reasons =
            [.. Reason().Matches(all).SelectMany(static match => match.Groups[1].Value.Split('|'))];

        Assert.NotEmpty(types);
        Assert.NotEmpty(reasons);
        Assert.Empty(types.Except(Constants(typeof(ConditionTypes))));
        Assert.Empty(reasons.Except(Constants(typeof(Reasons))));
    }

    private static void AssertDocumented(string metric) => Assert.True(
        Documented.Contains(metric) || Documented.Contains(Suffix().Replace(metric, "")), metric);

    private static IEnumerable<string> Constants(System.Type of) =>
        of.GetFields().Select(static field => (string)field.GetValue(null)!);

    private static IEnumerable<string> Metrics(string query) =>
        Metric().Matches(query).Select(static match => match.Value);

    private static string File(string name) => Repository.Path("charts", "mail-operator", "files", name);

    [GeneratedRegex(@"^\| `([a-z_]+)` \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"\b(?:mail_operator|controller_runtime|workqueue|leader_election|rest_client|process)_[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex("_(?:bucket|sum|count)$")]
    private static partial Regex Suffix();

    [GeneratedRegex("""\btype=~?["']([^"']+)["']""")]
    private static partial Regex Type();

    [GeneratedRegex("""\breason=~?["']([^"']+)["']""")]
    private static partial Regex Reason();
}
