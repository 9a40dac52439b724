namespace MailOperator.Languages;

/// <summary>
/// All words of the pages in one language. The compiler sees to it that a language lacks none; <c>{0}</c> is where a value goes.
/// </summary>
internal sealed partial class Texts
{
    /// <summary>Every language that there is; the first is what everybody gets who asks for none of them.</summary>
    public static IReadOnlyList<Texts> All => Known.All;

    /// <summary>ISO 639-1, as in <c>lang</c>.</summary>
    public required string Code { get; init; }

    /// <summary>The language's name in itself.</summary>
    public required string Name { get; init; }

    public required string[] Months { get; init; }

    /// <summary>{0} day, {1} month, {2} year, {3} time.</summary>
    public required string DateAndTime { get; init; }

    public required string LanguageLabel { get; init; }

    public required string SkipToContent { get; init; }

    // Before the claim
    public required string OpenTitle { get; init; }

    public required string Greeting { get; init; }

    public required string OpenLead { get; init; }

    public required string Mailbox { get; init; }

    public required string Device { get; init; }

    public required string ValidUntil { get; init; }

    public required string OnceBefore { get; init; }

    public required string Create { get; init; }

    public required string OwnSummary { get; init; }

    public required string OwnLabel { get; init; }

    public required string OwnRulesLead { get; init; }

    public required string OwnRuleLength { get; init; }

    public required string OwnRuleCharacters { get; init; }

    public required string OwnRuleEdges { get; init; }

    public required string OwnAdvice { get; init; }

    public required string OwnButton { get; init; }

    public required string OwnErrorLength { get; init; }

    public required string OwnErrorCharacters { get; init; }

    public required string OwnErrorEdges { get; init; }

    public required string PhoneSummary { get; init; }

    public required string PhoneText { get; init; }

    public required string DidNotGoThrough { get; init; }

    // A second form of the same browser
    public required string TakenTitle { get; init; }

    public required string TakenText { get; init; }

    // Between claim and acceptance
    public required string WaitingTitle { get; init; }

    public required string WaitingText { get; init; }

    public required string WaitingAway { get; init; }

    public required string WaitingRefused { get; init; }

    /// <summary>{0}: days.</summary>
    public required string WaitingKeep { get; init; }

    public required string LookAgain { get; init; }

    // The password
    public required string ReadyTitle { get; init; }

    public required string ReadyLead { get; init; }

    public required string Password { get; init; }

    public required string Show { get; init; }

    public required string Hide { get; init; }

    public required string Copy { get; init; }

    public required string Copied { get; init; }

    /// <summary>{0}: minutes.</summary>
    public required string OnceAfter { get; init; }

    public required string OwnKnown { get; init; }

    public required string Done { get; init; }

    public required string DoneHint { get; init; }

    public required string DoneTitle { get; init; }

    public required string DoneText { get; init; }

    // The settings
    public required string SettingsTitle { get; init; }

    public required string Incoming { get; init; }

    public required string Outgoing { get; init; }

    public required string Server { get; init; }

    public required string Port { get; init; }

    public required string Security { get; init; }

    public required string SecurityNone { get; init; }

    public required string Username { get; init; }

    public required string PasswordAsAbove { get; init; }

    // Apps
    public required string AppsTitle { get; init; }

    public required string AppleTitle { get; init; }

    public required string AppleLead { get; init; }

    public required string AppleDownload { get; init; }

    public required string[] AppleSteps { get; init; }

    public required string[] ThunderbirdSteps { get; init; }

    public required string[] OutlookSteps { get; init; }

    public required string OtherTitle { get; init; }

    public required string[] OtherSteps { get; init; }

    // Ends
    public required string UnusableTitle { get; init; }

    public required string UnusableText { get; init; }

    public required string UnusableAdvice { get; init; }

    public required string UnusableSameBrowser { get; init; }

    public required string OpenAgain { get; init; }

    public required string TooManyTitle { get; init; }

    public required string TooManyText { get; init; }

    public required string FailedTitle { get; init; }

    public required string FailedText { get; init; }

    public required string FormTitle { get; init; }

    public required string FormText { get; init; }

    public static Texts? Find(string? code) => All.FirstOrDefault(texts => texts.Code == code);

    /// <summary>A moment in words, in UTC: the browser, which knows the person's clock, may say it in local time.</summary>
    public string Moment(DateTimeOffset at)
    {
        DateTimeOffset utc = at.ToUniversalTime();
        return string.Format(DateAndTime, utc.Day, Months[utc.Month - 1], utc.Year, $"{utc:HH:mm} UTC");
    }

    /// <summary>A type of its own, so that the languages of the other files are there before their list.</summary>
    private static class Known
    {
        public static readonly Texts[] All = [English, German, French, Italian, Spanish];
    }
}
