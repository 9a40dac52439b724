using System.Text.RegularExpressions;
using MailOperator.Languages;
using MailOperator.Portal.Pages;

namespace MailOperator.UnitTests.Portal;

/// <summary>The markup and the assets of the pages.</summary>
public sealed partial class PageTests
{
    [Fact]
    public void Html_Values_AreEscapedAndMarkupIsNot()
    {
        string name = "<script>\"'&";

        Assert.Equal(
            "<p title=\"&lt;script&gt;&quot;&#x27;&amp;\">ä<b>&lt;script&gt;&quot;&#x27;&amp;</b>7</p>",
            Html.Of($"<p title=\"{name}\">{"ä"}{Html.Of($"<b>{name}</b>")}{7}</p>").ToString());
        Assert.Equal("", Html.Of($"<p>{name}</p>").If(false).ToString());
    }

    [Fact]
    public void Grouped_WithoutItsMarkup_IsThePasswordItself()
    {
        string markup = PasswordPage.Grouped("ab0d <&>1").ToString();

        Assert.Equal("ab0d &lt;&amp;&gt;1", Tag().Replace(markup, "")); // mutant: a space between groups is copied too
        Assert.Equal(3, markup.Split("<span>").Length - 1);
    }

    [Fact]
    public void Settings_OnANarrowPage_BreakBetweenTheirParts()
    {
        string page = PasswordPage.Ready(
            new PageFrame(Language.English, "/", null, new Assets()), Links.Offer(), "0123456789abcdef", "/i/x", "s",
            TimeSpan.FromMinutes(30));

        Assert.Contains(
            "<code id=\"IMAP-host\" translate=\"no\">imap.<wbr>example.<wbr>com</code>", page,
            StringComparison.Ordinal);
        Assert.Contains(
            "<code id=\"SMTP-user\" translate=\"no\">anna@<wbr>example.<wbr>com</code>", page,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Assets_AreNamedByTheirContent()
    {
        var assets = new Assets();

        Assert.Matches("^assets/portal\\.[0-9a-f]{16}\\.css$", assets.Style.Path);
        Assert.Same(assets.Script, assets.Find(assets.Script.Path));
        Assert.Null(assets.Find("assets/portal.css"));
        // Nothing is loaded from other servers.
        Assert.DoesNotContain(
            "http", System.Text.Encoding.UTF8.GetString([.. assets.Style.Content, .. assets.Script.Content]),
            StringComparison.Ordinal);
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();
}
