using System.Text.RegularExpressions;
using MailOperator.Api;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Docs;

public sealed partial class TroubleshootingPageTests
{
    [Fact]
    public void Page_Reasons_AreAllReasonsOnce() => Assert.Equal(
        typeof(Reasons).GetFields().Select(static field => (string)field.GetValue(null)!).Order(StringComparer.Ordinal),
        File.ReadLines(Repository.Path("docs", "troubleshooting.md"))
            .Select(static line => Row().Match(line))
            .Where(static row => row.Success)
            .Select(static row => row.Groups[1].Value).Order(StringComparer.Ordinal));

    [Fact]
    public void Page_AbnormalConditions_AreNamed()
    {
        string page = File.ReadAllText(Repository.Path("docs", "troubleshooting.md"));

        Assert.All(
            typeof(ConditionTypes).GetFields().Select(static field => (string)field.GetValue(null)!),
            type => Assert.Contains($"`{type}`", page));
    }

    [Fact]
    public void Index_Pages_AreAllNamed()
    {
        string index = File.ReadAllText(Repository.Path("docs", "README.md"));
        string folder = Repository.Path("docs");

        Assert.All(
            Directory.EnumerateFiles(folder, "*.md", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(folder, file))
                .Where(static page => page != "README.md"),
            page => Assert.Contains($"({page})", index));
    }

    [GeneratedRegex(@"^\| `(\w+)` \|")]
    private static partial Regex Row();
}
