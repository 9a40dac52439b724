namespace MailOperator.Languages;

/// <summary>Texts of the portal's pages, in one language.</summary>
internal sealed class PageTexts
{
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

    public required string OwnRuleWords { get; init; }

    public required string OwnRuleRows { get; init; }

    public required string OwnRuleCommon { get; init; }

    public required string OwnAdvice { get; init; }

    public required string OwnButton { get; init; }

    public required string OwnErrorLength { get; init; }

    public required string OwnErrorCharacters { get; init; }

    public required string OwnErrorEdges { get; init; }

    public required string OwnErrorWords { get; init; }

    public required string OwnErrorRows { get; init; }

    public required string OwnErrorCommon { get; init; }

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
}
