namespace MailOperator.Languages;

/// <summary>
/// A language, with every text that the operator shows to people in it. All texts are <c>required</c>, so a language
/// that lacks one does not compile; <c>{0}</c> marks where a value is inserted.
/// </summary>
internal sealed partial class Language
{
    /// <summary>All languages. The first is the default.</summary>
    public static IReadOnlyList<Language> All => Known.All;

    /// <summary>ISO 639-1, as in the HTML attribute <c>lang</c>.</summary>
    public required string Code { get; init; }

    /// <summary>The language's own name for itself.</summary>
    public required string Name { get; init; }

    /// <summary>January to December.</summary>
    public required string[] Months { get; init; }

    /// <summary>{0} day, {1} month, {2} year, {3} time.</summary>
    public required string DateAndTime { get; init; }

    /// <summary>Texts of the portal's pages.</summary>
    public required PageTexts Page { get; init; }

    /// <summary>Texts of the mail with a link.</summary>
    public required MailTexts Mail { get; init; }

    /// <summary>The language with this code; null if there is none.</summary>
    public static Language? Find(string? code) => All.FirstOrDefault(language => language.Code == code);

    /// <summary>Date and time as text, in UTC. Where scripts run, the page replaces it with local time.</summary>
    public string Moment(DateTimeOffset at)
    {
        DateTimeOffset utc = at.ToUniversalTime();
        return string.Format(DateAndTime, utc.Day, Months[utc.Month - 1], utc.Year, $"{utc:HH:mm} UTC");
    }

    /// <summary>A nested type is initialized later than the static fields of the other files that it lists.</summary>
    private static class Known
    {
        public static readonly Language[] All = [English, German, French, Italian, Spanish];
    }
}
