using MailOperator.IntegrationTests.Bed;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Monitoring;

/// <summary>What Prometheus' own tool says of the rules.</summary>
public sealed class RulesTests
{
    [Fact]
    public Task Rules_ByPromtool_AreValid() =>
        Shell.RunAsync("promtool", "check", "rules", ShortRules.File);

    [Fact]
    public Task Rules_EachAlert_FiresAndResolvesOnSeries() =>
        Shell.RunAsync("promtool", "test", "rules", Repository.Path("tests", "prometheus", "alerts_test.yaml"));

    [Fact]
    public void Tests_OfPromtool_AreOfAllAlerts() => Assert.Equal(
        ShortRules.Rules(YamlJson.ReadAll(ShortRules.File).Single()).Select(static rule => (string)rule["alert"]!),
        YamlJson.ReadAll(Repository.Path("tests", "prometheus", "alerts_test.yaml")).Single()["tests"]!.AsArray()
            .Select(static test => (string)test!["name"]!));
}
