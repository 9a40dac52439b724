using System.Text.RegularExpressions;
using CsCheck;
using MailOperator.Api;
using MailOperator.MailBackends;

namespace MailOperator.UnitTests.MailBackends;

public sealed class GrantsModelTests
{
    private static readonly Dictionary<string, string> NoLabels = [];

    [Fact]
    public void Matches_AnyPattern_IsWhatTheSameRegexSays() =>
        Gen.Select(
            Gen.String[Gen.Char["ab.*@"], 0, 8], Gen.String[Gen.Char["abB."], 1, 5],
            Gen.String[Gen.Char["ab."], 1, 5]).Sample(
            static (pattern, local, domain) =>
            {
                string mailbox = $"{local}@{domain}";
                string regex = @"\A" + Regex.Escape(pattern).Replace(@"\*", "[^@]*", StringComparison.Ordinal) + @"\z";

                return Grants.Matches(pattern, mailbox) == Regex.IsMatch(
                    mailbox, regex, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
            },
            iter: 50_000);

    [Theory]
    [InlineData("", "a@b", false)]
    [InlineData("*", "a@b", false)] // a star does not match the @
    [InlineData("**@**", "a@b", true)]
    [InlineData("*@example.com", "@example.com", true)] // an invalid address, which is refused earlier
    [InlineData("a@b*", "a@b", true)]
    [InlineData("a@b**", "a@b", true)]
    [InlineData("a@b", "a@b*", false)] // a star in a mailbox is not a pattern
    [InlineData("a.b@c", "axb@c", false)] // a dot is no wildcard
    [InlineData("*a*a*b@x", "aaab@x", true)]
    [InlineData("*ab@x", "aab@x", true)] // mutant: no backtracking
    public void Matches_Edges_AreExact(string pattern, string mailbox, bool expected) =>
        Assert.Equal(expected, Grants.Matches(pattern, mailbox));

    [Fact]
    public void Allow_NamespaceOfOneGrantAndMailboxOfAnother_Denies()
    {
        // Mutant: let one grant match the namespace and another one the mailbox.
        GrantSpec[] grants =
        [
            new GrantSpec
            {
                Namespaces = new NamespaceSelection { Names = ["shop"] },
                Mailboxes = ["shop@example.com"],
            },
            new GrantSpec
            {
                Namespaces = new NamespaceSelection { Names = ["bank"] },
                Mailboxes = ["bank@example.com"],
            },
        ];

        Assert.True(Grants.Allow(grants, "bank", NoLabels, "bank@example.com"));
        Assert.False(Grants.Allow(grants, "shop", NoLabels, "bank@example.com"));
    }

    [Theory]
    [InlineData("shop", "a", true)]
    [InlineData("shop", "b", false)]
    [InlineData("bank", "a", false)]
    public void Allow_NamesAndSelector_BothMustHold(string @namespace, string team, bool expected)
    {
        var selection = new NamespaceSelection
        {
            Names = ["shop"],
            Selector = new LabelSelector { MatchLabels = new() { ["team"] = "a" } },
        };

        Assert.Equal(expected, Allow(selection, @namespace, new() { ["team"] = team }));
    }

    [Fact]
    public void Allow_LabelsAndExpressions_BothMustHold()
    {
        var selection = new NamespaceSelection
        {
            Selector = new LabelSelector
            {
                MatchLabels = new() { ["team"] = "a" },
                MatchExpressions = [new LabelSelectorRequirement
                {
                    Key = "tier",
                    Operator = LabelSelectorOperator.In,
                    Values = ["prod", "stage"],
                }],
            },
        };

        Assert.True(Allow(selection, "shop", new() { ["team"] = "a", ["tier"] = "stage" }));
        Assert.False(Allow(selection, "shop", new() { ["team"] = "a", ["tier"] = "test" }));
        Assert.False(Allow(selection, "shop", new() { ["tier"] = "prod" }));
    }

    [Theory]
    [InlineData(nameof(LabelSelectorOperator.In), false)]
    [InlineData(nameof(LabelSelectorOperator.NotIn), true)] // as in Kubernetes: a missing label is not in the list
    [InlineData(nameof(LabelSelectorOperator.Exists), false)]
    [InlineData(nameof(LabelSelectorOperator.DoesNotExist), true)]
    [InlineData("99", false)] // an operator of a later version
    public void Allow_LabelMissing_FollowsKubernetes(string @operator, bool expected)
    {
        var requirement = new LabelSelectorRequirement
        {
            Key = "team",
            Operator = Enum.Parse<LabelSelectorOperator>(@operator),
            Values = ["a"],
        };

        Assert.Equal(expected, Allow(
            new NamespaceSelection { Selector = new LabelSelector { MatchExpressions = [requirement] } }, "shop", []));
    }

    [Fact]
    public void Allow_SelectorThatIsEmpty_IsEveryNamespace() =>
        // As for every LabelSelector in Kubernetes.
        Assert.True(Allow(new NamespaceSelection { Selector = new LabelSelector() }, "shop", []));

    private static bool Allow(NamespaceSelection selection, string @namespace, Dictionary<string, string> labels) =>
        Grants.Allow(
            [new GrantSpec { Namespaces = selection, Mailboxes = ["*@example.com"] }], @namespace, labels,
            "a@example.com");
}
