using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Docs;

/// <summary>What a release says, and the workflows that make it.</summary>
public sealed partial class ReleaseFilesTests
{
    [Fact]
    public void Changelog_HasASection_ForTheVersionOfTheChart()
    {
        JsonObject chart = YamlJson.ReadAll(Repository.Path("charts", "mail-operator", "Chart.yaml")).Single();

        Assert.Contains(
            $"\n## [{(string)chart["version"]!}]", File.ReadAllText(Repository.Path("CHANGELOG.md")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Workflows_RunTargetsOfTheMakefile()
    {
        string makefile = File.ReadAllText(Repository.Path("Makefile"));
        string[] targets =
        [
            .. Directory.EnumerateFiles(Repository.Path(".github", "workflows"), "*.yml")
                .SelectMany(static file => YamlJson.ReadAll(file).Single()["jobs"]!.AsObject())
                .SelectMany(static job => job.Value!["steps"]!.AsArray())
                .Select(static step => (string?)step!["run"] ?? "")
                .SelectMany(static run => MakeCommand().Matches(run).Select(static match => match.Groups[1].Value)),
        ];

        Assert.Contains("test", targets);
        Assert.Contains("release", targets);
        Assert.All(targets, target => Assert.Contains($"\n{target}:", makefile, StringComparison.Ordinal));
    }

    [Fact]
    public void Forms_AreYaml_WithTheFieldsThatGitHubNeeds() =>
        Assert.All(
            Directory.EnumerateFiles(Repository.Path(".github", "ISSUE_TEMPLATE"), "*.yml")
                .Where(static file => !file.EndsWith("config.yml", StringComparison.Ordinal)),
            static file =>
            {
                JsonObject form = YamlJson.ReadAll(file).Single();
                Assert.NotEmpty((string)form["name"]!);
                Assert.NotEmpty((string)form["description"]!);
                Assert.NotEmpty(form["body"]!.AsArray());
            });

    [GeneratedRegex(@"^make ([a-z]+)", RegexOptions.Multiline)]
    private static partial Regex MakeCommand();
}
