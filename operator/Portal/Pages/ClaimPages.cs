using MailOperator.Api;
using MailOperator.Languages;
using MailOperator.Passwords;
using MailOperator.Portal.Claims;

namespace MailOperator.Portal.Pages;

/// <summary>The pages around a claim: before it, while the mail server learns of it, and after the end.</summary>
internal static class ClaimPages
{
    /// <summary>Without scripts a browser looks again after so many seconds.</summary>
    private const int RefreshSeconds = 3;

    /// <param name="frame">Language and surroundings.</param>
    /// <param name="status">The invitation's, with an offer.</param>
    /// <param name="link">The link itself, for a phone's camera.</param>
    /// <param name="signature">What the form carries; see <see cref="FormGuard"/>.</param>
    /// <param name="hasFailed">A claim before this one did not arrive.</param>
    /// <param name="broken">The rule that the password just typed breaks.</param>
    public static string Open(PageFrame frame, DeviceInvitationStatus status, string link, string signature, bool hasFailed, ChosenPasswordRule? broken = null)
    {
        PageTexts texts = frame.Texts;
        InvitationOffer offer = status.Offer!;
        return frame.Page(
            texts.OpenTitle,
            Html.Of($"""
                <p class="lead">{texts.OpenLead}</p>
                {Html.Of($"""<p class="error" role="alert">{texts.DidNotGoThrough}</p>""").If(hasFailed)}
                <section class="card">
                <dl class="facts">
                <div><dt>{texts.Mailbox}</dt><dd translate="no">{offer.Mailbox}</dd></div>
                {Html.Of($"<div><dt>{texts.Device}</dt><dd>{offer.DeviceName}</dd></div>").If(offer.DeviceName is { Length: > 0 })}
                <div><dt>{texts.ValidUntil}</dt><dd>{Time(frame.Language, status.ExpiresAt!.Value)}</dd></div>
                </dl>
                <p class="note">{texts.OnceBefore}</p>
                <form method="post" action="?{frame.Query}">
                <input type="hidden" name="{FormFields.Signature}" value="{signature}">
                <button class="primary" type="submit">{texts.Create}</button>
                </form>
                </section>
                {OwnPassword(frame, signature, broken).If(offer.Password?.Chosen == ChosenPasswordPolicy.Allowed)}
                <details class="more phone"><summary>{texts.PhoneSummary}</summary><div>
                <p>{texts.PhoneText}</p>
                <div class="qr">{QrCode.Svg(link)}</div>
                </div></details>
                """),
            lead: Html.Of($"""<p class="eyebrow">{string.Format(texts.Greeting, offer.Holder)}</p>""").If(offer.Holder is { Length: > 0 }));
    }

    /// <param name="frame">Language and surroundings.</param>
    /// <param name="delay">What it waits for.</param>
    /// <param name="poll">Path that answers with <paramref name="delay"/> for as long as nothing has changed.</param>
    /// <param name="keptFor">How long the browser keeps the password for this page.</param>
    public static string Waiting(PageFrame frame, Delay delay, string poll, TimeSpan keptFor)
    {
        PageTexts texts = frame.Texts;
        Html news = delay switch
        {
            Delay.None => Html.Of($"<p>{texts.WaitingText}</p>"),
            Delay.MailServerAway => Html.Of($"""<p class="note">{texts.WaitingAway}</p>"""),
            _ => Html.Of($"""<p class="error">{texts.WaitingRefused}</p>"""),
        };
        return frame.Page(
            texts.WaitingTitle,
            Html.Of($"""
                <section class="card" data-poll="{poll}" data-state="{delay.ToString()}" role="status">
                <div class="progress"></div>
                {news}
                <p class="quiet">{string.Format(texts.WaitingKeep, keptFor.TotalDays)}</p>
                <p><a class="button" href="?{frame.Query}">{texts.LookAgain}</a></p>
                </section>
                """),
            refresh: RefreshSeconds);
    }

    /// <summary>The same for every link that is no use: unknown, spent, expired.</summary>
    public static string Unusable(PageFrame frame)
    {
        PageTexts texts = frame.Texts;
        return frame.Page(texts.UnusableTitle, Html.Of($"""
            <section class="card">
            <p>{texts.UnusableText}</p>
            <p>{texts.UnusableAdvice}</p>
            <p class="quiet">{texts.UnusableSameBrowser} <a href="?{frame.Query}">{texts.OpenAgain}</a></p>
            </section>
            """));
    }

    /// <summary>For a form of a browser that has claimed with another password before.</summary>
    public static string Taken(PageFrame frame)
    {
        PageTexts texts = frame.Texts;
        return frame.Page(texts.TakenTitle, Html.Of($"""
            <section class="card">
            <p>{texts.TakenText}</p>
            <p><a class="button" href="?{frame.Query}">{texts.OpenAgain}</a></p>
            </section>
            """));
    }

    public static string Done(PageFrame frame) => Message(frame, frame.Texts.DoneTitle, frame.Texts.DoneText);

    public static string TooMany(PageFrame frame) => Message(frame, frame.Texts.TooManyTitle, frame.Texts.TooManyText);

    public static string Failed(PageFrame frame) => Message(frame, frame.Texts.FailedTitle, frame.Texts.FailedText);

    public static string BadForm(PageFrame frame) => Message(frame, frame.Texts.FormTitle, frame.Texts.FormText);

    internal static Html Time(Language language, DateTimeOffset at) =>
        Html.Of($"""<time datetime="{Kubernetes.Rfc3339.Format(at)}">{language.Moment(at)}</time>""");

    private static string Message(PageFrame frame, string title, string text) =>
        frame.Page(title, Html.Of($"""<section class="card"><p>{text}</p></section>"""));

    private static Html OwnPassword(PageFrame frame, string signature, ChosenPasswordRule? broken)
    {
        PageTexts texts = frame.Texts;
        return Html.Of($"""
            <details class="more"{Html.Of($" open").If(broken is not null)}><summary>{texts.OwnSummary}</summary><div>
            <form method="post" action="?{frame.Query}">
            <input type="hidden" name="{FormFields.Signature}" value="{signature}">
            {Html.Of($"""<p class="error" id="wrong" role="alert">{Error(texts, broken)}</p>""").If(broken is not null)}
            <div id="rules">
            <p>{texts.OwnRulesLead}</p>
            <ul class="rules">
            <li data-rule="length">{texts.OwnRuleLength}</li>
            <li data-rule="characters">{texts.OwnRuleCharacters}</li>
            <li data-rule="edges">{texts.OwnRuleEdges}</li>
            </ul>
            </div>
            <label for="own">{texts.OwnLabel}</label>
            <div class="entry">
            <input id="own" name="{FormFields.Password}" type="password" required minlength="{AppPassword.MinLength}" maxlength="{AppPassword.MaxLength}" autocomplete="new-password" autocapitalize="none" spellcheck="false" aria-describedby="rules{(broken is null ? "" : " wrong")}"{Html.Of($" aria-invalid=\"true\"").If(broken is not null)}>
            <button type="button" data-toggle="own" aria-pressed="false"><span class="off">{texts.Show}</span><span class="on" aria-hidden="true">{texts.Hide}</span></button>
            </div>
            <p class="quiet">{texts.OwnAdvice}</p>
            <button type="submit">{texts.OwnButton}</button>
            </form>
            </div></details>
            """);
    }

    private static string Error(PageTexts texts, ChosenPasswordRule? broken) => broken switch
    {
        ChosenPasswordRule.Characters => texts.OwnErrorCharacters,
        ChosenPasswordRule.Edges => texts.OwnErrorEdges,
        _ => texts.OwnErrorLength,
    };
}

/// <summary>Names in the forms.</summary>
internal static class FormFields
{
    public const string Signature = "signature";
    public const string Password = "password";
}
