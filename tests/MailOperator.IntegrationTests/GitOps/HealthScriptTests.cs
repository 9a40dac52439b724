using System.Text.Json.Nodes;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.GitOps;

public sealed class HealthScriptTests
{
    [Fact]
    public async Task Health_OfEachState_IsWhatThePageSays()
    {
        IReadOnlyList<string> healths = await HealthScripts.RunAsync(
            GitOpsPage.Rows.Select(row => RecordedStates.Of(row.Kind)[row.State]));

        Assert.Equal(
            GitOpsPage.Rows.Select(row => $"{row.Kind}, {row.State}: {row.Health}"),
            GitOpsPage.Rows.Zip(healths, (row, health) => $"{row.Kind}, {row.State}: {health}"));
        Assert.All(
            healths, health => Assert.Contains(health, (string[])["Healthy", "Progressing", "Degraded", "Suspended"]));
    }

    [Fact]
    public async Task Health_WithoutAnyStatus_IsProgressing()
    {
        // The object in Git, and on a server that does not fill in the default of the status.
        JsonObject[] bare = [.. CustomResourceDefinition.All.Select(crd => new JsonObject
        {
            ["kind"] = crd.Kind,
            ["metadata"] = new JsonObject { ["name"] = "new", ["generation"] = 1 },
        })];

        Assert.All(await HealthScripts.RunAsync(bare), health => Assert.Equal("Progressing", health));
    }

    [Fact]
    public void Scripts_Kinds_AreAllOfTheCrds() =>
        Assert.Equal(
            CustomResourceDefinition.All.Select(crd => crd.Kind).Order(StringComparer.Ordinal),
            HealthScripts.Kinds.Order(StringComparer.Ordinal));
}
