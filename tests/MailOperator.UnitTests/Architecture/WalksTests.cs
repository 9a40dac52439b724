using System.Reflection;
using System.Text.RegularExpressions;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Architecture;

/// <summary>The walks in CONTRIBUTING.md go through code that is there.</summary>
public sealed partial class WalksTests
{
    [Fact]
    public void Names_InTheWalks_AreInTheCode()
    {
        string text = File.ReadAllText(Repository.Path("CONTRIBUTING.md"));
        string walks = text[text.IndexOf("## Three walks", StringComparison.Ordinal)..text.IndexOf(
            "## What a change has to keep", StringComparison.Ordinal)];
        string[] names = [.. Name().Matches(walks).Select(static match => match.Groups[1].Value).Distinct()];

        Assert.InRange(names.Length, 30, 100);
        Assert.All(names, static name => Assert.True(IsThere(name), $"{name} is not in the code any more."));
    }

    [Theory]
    [InlineData("MailDevicePlanner.Plan", true)]
    [InlineData("MailDevicePlanner.Plans", false)] // mutant: the member is not looked for
    [InlineData("NoSuchType", false)]
    public void IsThere_Name_IsLookedUp(string name, bool isThere) => Assert.Equal(isThere, IsThere(name));

    private static bool IsThere(string name)
    {
        string[] parts = name.Split('.');
        const BindingFlags all = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance
            | BindingFlags.Static;
        return typeof(ObjectKey).Assembly.GetTypes().Any(type =>
            type.Name.Split('`')[0] == parts[0] && (parts.Length == 1 || type.GetMember(parts[1], all).Length > 0));
    }

    // `Type` or `Type.Member`; what users write (`rotate`) begins with a small letter.
    [GeneratedRegex("`([A-Z][A-Za-z]+(?:\\.[A-Z][A-Za-z]+)?)`")]
    private static partial Regex Name();
}
