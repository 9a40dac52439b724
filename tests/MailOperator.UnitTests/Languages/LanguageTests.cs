using System.Reflection;
using System.Text.RegularExpressions;
using MailOperator.Api;
using MailOperator.Languages;

namespace MailOperator.UnitTests.Languages;

/// <summary>Every language has every text of the pages and of the mail.</summary>
public sealed partial class LanguageTests
{
    /// <summary>Texts that are the same in more than one of the languages.</summary>
    private static readonly string[] Shared =
    [
        nameof(Language.Months), nameof(Language.DateAndTime),
        nameof(PageTexts.Server), nameof(PageTexts.Port), nameof(PageTexts.Password), nameof(PageTexts.AppleTitle),
    ];

    public static TheoryData<string> Codes() => [.. Language.All.Select(language => language.Code)];

    [Fact]
    public void All_AreTheLanguagesOfTheApi_EnglishFirst()
    {
        Assert.Equal(["en", "de", "fr", "it", "es"], Language.All.Select(language => language.Code));
        Assert.Equal(
            Enum.GetNames<MailLanguage>().Order(StringComparer.Ordinal),
            Language.All.Select(language => language.Code).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void Texts_OfALanguage_AreCompleteAndTranslated(string code)
    {
        Language language = Language.Find(code)!;
        Assert.Equal(12, language.Months.Distinct().Count());
        AssertTranslated(Language.English, language);
        AssertTranslated(Language.English.Page, language.Page);
        AssertTranslated(Language.English.Mail, language.Mail);
    }

    [Theory]
    [InlineData("en", "5 March 2026, 14:07 UTC")]
    [InlineData("de", "5. März 2026, 14:07 UTC")]
    [InlineData("es", "5 de marzo de 2026, 14:07 UTC")]
    public void Moment_IsInTheLanguage(string code, string expected)
    {
        var at = new DateTimeOffset(2026, 3, 5, 15, 7, 0, TimeSpan.FromHours(1));

        Assert.Equal(expected, Language.Find(code)!.Moment(at));
    }

    [Theory]
    [InlineData("", "en")]
    [InlineData("de-CH,de;q=0.9,en;q=0.8", "de")]
    [InlineData("en;q=0.3, fr;q=0.8", "fr")]
    [InlineData("ja, it;q=0.2", "it")]
    [InlineData("ja", "en")]
    [InlineData("es;q=0, fr;q=0.1", "fr")]
    [InlineData("\x01;;;q=x", "en")]
    public void FromHeader_IsTheBestMatch(string header, string expected) =>
        Assert.Equal(expected, LanguageChoice.FromHeader(header).Code);

    private static void AssertTranslated<T>(T english, T translated)
    {
        foreach (PropertyInfo property in typeof(T).GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            string[] texts = Texts(property, translated);
            string[] originals = Texts(property, english);
            bool isSame = texts.Intersect(originals).Any(static text => text.Length > 6);

            Assert.All(texts, text => Assert.False(string.IsNullOrWhiteSpace(text), property.Name));
            Assert.Equal(originals.Length, texts.Length);
            Assert.Equal(Placeholders(originals), Placeholders(texts)); // mutant: {0} lost in a translation
            Assert.True(
                ReferenceEquals(english, translated) || Shared.Contains(property.Name) || !isSame, property.Name);
        }
    }

    private static string[] Texts<T>(PropertyInfo property, T owner) => property.GetValue(owner) switch
    {
        string one => [one],
        string[] many => many,
        _ => [],
    };

    private static IEnumerable<string> Placeholders(string[] texts) =>
        texts.SelectMany(text => Placeholder().Matches(text)).Select(match => match.Value).Order();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Placeholder();
}
