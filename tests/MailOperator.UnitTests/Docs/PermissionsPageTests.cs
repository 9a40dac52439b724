using System.Text.Json.Nodes;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Docs;

/// <summary>docs/permissions.md names every right of the roles in the chart, and no other.</summary>
public sealed class PermissionsPageTests
{
    private static readonly string[] Files = ["clusterrole.yaml", "role.yaml", "portal-clusterrole.yaml"];

    [Theory]
    [InlineData("clusterrole.yaml")]
    [InlineData("role.yaml")]
    [InlineData("portal-clusterrole.yaml")]
    public void Page_EveryRight_IsExplained(string file)
    {
        Dictionary<string, HashSet<string>> explained = Explained();
        JsonObject role = YamlJson.ReadAll(Repository.Path("charts", "mail-operator", "files", file)).Single();
        foreach (JsonNode? rule in role["rules"]!.AsArray())
        {
            foreach (JsonNode? resource in rule!["resources"]!.AsArray())
            {
                Assert.All(
                    rule["verbs"]!.AsArray().Select(verb => (string)verb!),
                    verb => Assert.True(
                        explained.TryGetValue((string)resource!, out HashSet<string>? verbs) && verbs.Contains(verb),
                        $"{verb} {resource}"));
            }
        }
    }

    [Fact]
    public void Page_Rights_AreAllInTheChart()
    {
        var given = Files.SelectMany(file =>
            YamlJson.ReadAll(Repository.Path("charts", "mail-operator", "files", file)).Single()["rules"]!.AsArray())
            .SelectMany(rule => rule!["resources"]!.AsArray().SelectMany(
                resource => rule["verbs"]!.AsArray().Select(verb => $"{verb} {resource}")))
            .ToHashSet();

        Assert.All(
            Explained().SelectMany(row => row.Value.Select(verb => $"{verb} {row.Key}")),
            right => Assert.Contains(right, given));
    }

    private static Dictionary<string, HashSet<string>> Explained()
    {
        var rights = new Dictionary<string, HashSet<string>>();
        string[] resources = [];
        foreach (string line in File.ReadLines(Repository.Path("docs", "permissions.md"))
            .Where(line => line.StartsWith('|') && line.Contains('`')))
        {
            string[] cells = line.Split('|', StringSplitOptions.TrimEntries);
            string[] named = Names(cells[1]);
            resources = named.Length > 0 ? named : resources; // an empty cell means the resource above
            foreach (string resource in resources)
            {
                rights.TryAdd(resource, []);
                rights[resource].UnionWith(Names(cells[2]));
            }
        }

        return rights;
    }

    private static string[] Names(string cell) => [.. cell.Split('`').Where((_, index) => index % 2 == 1)];
}
