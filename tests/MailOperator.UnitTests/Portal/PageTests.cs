using System.Reflection;
using System.Text.RegularExpressions;
using MailOperator.Languages;
using MailOperator.Portal.Pages;

namespace MailOperator.UnitTests.Portal;

/// <summary>Words and markup of the pages.</summary>
public sealed partial class PageTests
{
    /// <summary>Words that are the same in more than one of the languages.</summary>
    private static readonly string[] Shared = [nameof(Texts.Months), nameof(Texts.DateAndTime), nameof(Texts.Server), nameof(Texts.Port), nameof(Texts.Password), nameof(Texts.AppleTitle)];

    public static TheoryData<string> Codes() => [.. Texts.All.Select(texts => texts.Code)];

    [Fact]
    public void Languages_AreTheFive() => Assert.Equal(["en", "de", "fr", "it", "es"], Texts.All.Select(texts => texts.Code));

    [Theory]
    [MemberData(nameof(Codes))]
    public void Texts_OfALanguage_AreCompleteAndTranslated(string code)
    {
        Texts texts = Texts.Find(code)!;
        Assert.Equal(12, texts.Months.Distinct().Count());
        foreach (PropertyInfo property in typeof(Texts).GetProperties().Where(property => property.PropertyType == typeof(string) || property.PropertyType == typeof(string[])))
        {
            if (property.GetMethod!.IsStatic)
            {
                continue;
            }

            string[] words = Words(property, texts);
            string[] english = Words(property, Texts.English);
            Assert.All(words, word => Assert.False(string.IsNullOrWhiteSpace(word), property.Name));
            Assert.Equal(english.Length, words.Length);
            Assert.Equal(Placeholders(english), Placeholders(words)); // mutant: {0} lost in a translation
            Assert.False(code != "en" && !Shared.Contains(property.Name) && words.Intersect(english).Any(static word => word.Length > 6), property.Name);
        }
    }

    [Theory]
    [InlineData("en", "5 March 2026, 14:07 UTC")]
    [InlineData("de", "5. März 2026, 14:07 UTC")]
    [InlineData("es", "5 de marzo de 2026, 14:07 UTC")]
    public void Moment_IsSaidInTheLanguage(string code, string expected) =>
        Assert.Equal(expected, Texts.Find(code)!.Moment(new DateTimeOffset(2026, 3, 5, 15, 7, 0, TimeSpan.FromHours(1))));

    [Theory]
    [InlineData("", "en")]
    [InlineData("de-CH,de;q=0.9,en;q=0.8", "de")]
    [InlineData("en;q=0.3, fr;q=0.8", "fr")]
    [InlineData("ja, it;q=0.2", "it")]
    [InlineData("ja", "en")]
    [InlineData("es;q=0, fr;q=0.1", "fr")]
    [InlineData("\x01;;;q=x", "en")]
    public void FromHeader_IsTheBestThatThereIs(string header, string expected) => Assert.Equal(expected, Language.FromHeader(header).Code);

    [Fact]
    public void Html_Values_AreEscapedAndMarkupIsNot()
    {
        string name = "<script>\"'&";

        Assert.Equal("<p title=\"&lt;script&gt;&quot;&#x27;&amp;\">ä<b>&lt;script&gt;&quot;&#x27;&amp;</b>7</p>", Html.Of($"<p title=\"{name}\">{"ä"}{Html.Of($"<b>{name}</b>")}{7}</p>").ToString());
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
        string page = PasswordPage.Ready(new PageFrame(Texts.English, "/", null, new Assets()), Links.Offer(), "0123456789abcdef", "/i/x", "s", TimeSpan.FromMinutes(30));

        Assert.Contains("<code id=\"IMAP-host\" translate=\"no\">imap.<wbr>example.<wbr>com</code>", page, StringComparison.Ordinal);
        Assert.Contains("<code id=\"SMTP-user\" translate=\"no\">anna@<wbr>example.<wbr>com</code>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Assets_AreNamedByTheirContent()
    {
        var assets = new Assets();

        Assert.Matches("^assets/portal\\.[0-9a-f]{16}\\.css$", assets.Style.Path);
        Assert.Same(assets.Script, assets.Find(assets.Script.Path));
        Assert.Null(assets.Find("assets/portal.css"));
        Assert.DoesNotContain("http", System.Text.Encoding.UTF8.GetString([.. assets.Style.Content, .. assets.Script.Content]), StringComparison.Ordinal); // nothing from elsewhere
    }

    private static string[] Words(PropertyInfo property, Texts texts) => property.GetValue(texts) switch
    {
        string one => [one],
        string[] many => many,
        _ => [],
    };

    private static IEnumerable<string> Placeholders(string[] words) => words.SelectMany(word => Placeholder().Matches(word)).Select(match => match.Value).Order();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();
}
