using MailOperator.Api;
using MailOperator.MailBackends;

namespace MailOperator.UnitTests.MailBackends;

public sealed class GrantsTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["team"] = "a", ["tier"] = "prod" };

    [Theory]
    [InlineData("*@example.com", "alerts@example.com", true)]
    [InlineData("*@example.com", "Alerts@EXAMPLE.com", true)]
    [InlineData("*@EXAMPLE.com", "alerts@example.com", true)]
    [InlineData("alerts@example.com", "alerts@example.com", true)]
    [InlineData("alerts@example.com", "alert@example.com", false)]
    [InlineData("app-*@example.com", "app-1@example.com", true)]
    [InlineData("app-*@example.com", "boss@example.com", false)]
    [InlineData("*@*.example.com", "a@b.example.com", true)]
    [InlineData("*@example.com", "a@evil.com@example.com", false)] // a star does not match an @
    [InlineData("*@example.com", "a@example.com.evil.com", false)]
    [InlineData("*@example.com", "a@sub.example.com", false)]
    [InlineData("*@*", "a@b", true)]
    public void Matches_Pattern_IsExact(string pattern, string mailbox, bool expected) =>
        Assert.Equal(expected, Grants.Matches(pattern, mailbox));

    [Fact]
    public void Matches_ManyStars_DoesNotExplode() =>
        Assert.False(Grants.Matches(
            string.Concat(Enumerable.Repeat("a*", 60)) + "@example.com", new string('a', 64) + "b@example.org"));

    [Fact]
    public void Allow_NoGrant_Denies()
    {
        Assert.False(Grants.Allow(null, "shop", Labels, "a@example.com"));
        Assert.False(Grants.Allow([], "shop", Labels, "a@example.com"));
        Assert.False(Grants.Allow([new GrantSpec()], "shop", Labels, "a@example.com"));
    }

    [Theory]
    [InlineData("shop", true)]
    [InlineData("shop2", false)]
    [InlineData("Shop", false)]
    public void Allow_ByName_IsThatNamespaceAlone(string @namespace, bool expected) =>
        Assert.Equal(
            expected,
            Grants.Allow([Grant(new NamespaceSelection { Names = ["shop"] })], @namespace, Labels, "a@example.com"));

    [Fact]
    public void Allow_NoSelection_IsEveryNamespaceButNamesThatAreEmptyAreNone()
    {
        Assert.True(Grants.Allow([Grant(null)], "any", Labels, "a@example.com"));
        Assert.True(Grants.Allow([Grant(new NamespaceSelection())], "any", Labels, "a@example.com"));
        Assert.False(Grants.Allow([Grant(new NamespaceSelection { Names = [] })], "any", Labels, "a@example.com"));
    }

    [Theory]
    [InlineData(nameof(LabelSelectorOperator.In), "a", true)]
    [InlineData(nameof(LabelSelectorOperator.In), "b", false)]
    [InlineData(nameof(LabelSelectorOperator.NotIn), "a", false)]
    [InlineData(nameof(LabelSelectorOperator.NotIn), "b", true)]
    [InlineData(nameof(LabelSelectorOperator.Exists), null, true)]
    [InlineData(nameof(LabelSelectorOperator.DoesNotExist), null, false)]
    public void Allow_ByExpression_FollowsKubernetes(string @operator, string? value, bool expected)
    {
        var selector = new LabelSelector
        {
            MatchExpressions = [new LabelSelectorRequirement
            {
                Key = "team",
                Operator = Enum.Parse<LabelSelectorOperator>(@operator),
                Values = value is null ? null : [value],
            }],
        };

        Assert.Equal(
            expected,
            Grants.Allow([Grant(new NamespaceSelection { Selector = selector })], "shop", Labels, "a@example.com"));
    }

    [Fact]
    public void Allow_ByLabels_NeedsAllOfThem()
    {
        GrantSpec both = Grant(new NamespaceSelection
        {
            Selector = new LabelSelector { MatchLabels = new() { ["team"] = "a", ["tier"] = "prod" } },
        });

        Assert.True(Grants.Allow([both], "shop", Labels, "a@example.com"));
        Assert.False(Grants.Allow([both], "shop", new Dictionary<string, string> { ["team"] = "a" }, "a@example.com"));
    }

    private static GrantSpec Grant(NamespaceSelection? namespaces) =>
        new() { Namespaces = namespaces, Mailboxes = ["*@example.com"] };
}
