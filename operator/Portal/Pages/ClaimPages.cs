using MailOperator.Api;
using MailOperator.Languages;
using MailOperator.Passwords;
using MailOperator.Portal.Claims;

namespace MailOperator.Portal.Pages;

/// <summary>The pages before a claim, while it is being completed, and at the end.</summary>
internal static class ClaimPages
{
    /// <summary>How often a browser without scripts reloads the waiting page.</summary>
    private const int RefreshSeconds = 3;

    /// <summary>The page on which a person claims.</summary>
    /// <param name="frame">The frame, with the language.</param>
    /// <param name="status">The invitation's status, with an offer.</param>
    /// <param name="link">The link itself, for the QR code.</param>
    /// <param name="signature">The form's signature; see <see cref="FormGuard"/>.</param>
    /// <param name="hasFailed">An earlier claim of this browser was not written.</param>
    /// <param name="broken">The rule that the typed password breaks; null if none was typed.</param>
    public static string Open(
        PageFrame frame,
        DeviceInvitationStatus status,
        string link,
        string signature,
        bool hasFailed,
        ChosenPasswordRule? broken = null)
    {
        PageTexts texts = frame.Texts;
        InvitationOffer offer = status.Offer!;
        Html device = Html.Of($"<div><dt>{texts.Device}</dt><dd>{offer.DeviceName}</dd></div>")
            .If(offer.DeviceName is { Length: > 0 });
        Html own = OwnPassword(frame, offer, signature, broken);
        return frame.Page(
            texts.OpenTitle,
            Html.Of($"""
                <p class="lead">{texts.OpenLead}</p>
                {Html.Of($"""<p class="error" role="alert">{texts.DidNotGoThrough}</p>""").If(hasFailed)}
                <section class="card">
                <dl class="facts">
                <div><dt>{texts.Mailbox}</dt><dd translate="no">{offer.Mailbox}</dd></div>
                {device}
                <div><dt>{texts.ValidUntil}</dt><dd>{Time(frame.Language, status.ExpiresAt!.Value)}</dd></div>
                </dl>
                <p class="note">{texts.OnceBefore}</p>
                <form method="post" action="?{frame.Query}">
                <input type="hidden" name="{FormFields.Signature}" value="{signature}">
                <button class="primary" type="submit">{texts.Create}</button>
                </form>
                </section>
                {own.If(offer.Password?.Chosen == ChosenPasswordPolicy.Allowed)}
                <details class="more phone"><summary>{texts.PhoneSummary}</summary><div>
                <p>{texts.PhoneText}</p>
                <div class="qr">{QrCode.Svg(link)}</div>
                </div></details>
                """),
            lead: Html.Of($"""<p class="eyebrow">{string.Format(texts.Greeting, offer.Holder)}</p>""")
                .If(offer.Holder is { Length: > 0 }));
    }

    /// <summary>The page after a claim, until the mail server accepts the password.</summary>
    /// <param name="frame">The frame, with the language.</param>
    /// <param name="delay">Why the claim is not completed yet.</param>
    /// <param name="poll">The path that answers <paramref name="delay"/> as long as nothing has changed.</param>
    /// <param name="keptFor">How long the browser keeps the claim's cookie.</param>
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

    /// <summary>The page of every link that cannot be used: unknown, spent or expired.</summary>
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

    /// <summary>The answer to a form of a browser that has claimed with another password before.</summary>
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

    private static Html OwnPassword(
        PageFrame frame, InvitationOffer offer, string signature, ChosenPasswordRule? broken)
    {
        PageTexts texts = frame.Texts;
        Html invalid = Html.Of($" aria-invalid=\"true\"").If(broken is not null);
        return Html.Of($"""
            <details class="more"{Html.Of($" open").If(broken is not null)}><summary>{texts.OwnSummary}</summary><div>
            <form method="post" action="?{frame.Query}">
            <input type="hidden" name="{FormFields.Signature}" value="{signature}">
            {Html.Of($"""<p class="error" id="wrong" role="alert">{Error(texts, broken)}</p>""").If(broken is not null)}
            <div id="rules">
            <p>{texts.OwnRulesLead}</p>
            <ul class="rules" data-words="{Listed(Claiming.WordsOf(offer, frame.Organization))}"
            data-common="{Listed(ChosenPasswordWeakness.Common)}">
            <li data-rule="length">{texts.OwnRuleLength}</li>
            <li data-rule="characters">{texts.OwnRuleCharacters}</li>
            <li data-rule="edges">{texts.OwnRuleEdges}</li>
            <li data-rule="words">{texts.OwnRuleWords}</li>
            <li data-rule="rows">{texts.OwnRuleRows}</li>
            <li data-rule="common">{texts.OwnRuleCommon}</li>
            </ul>
            </div>
            <label for="own">{texts.OwnLabel}</label>
            <div class="entry">
            <input id="own" name="{FormFields.Password}" type="password" required
            minlength="{AppPassword.MinLength}" maxlength="{AppPassword.MaxLength}"
            autocomplete="new-password" autocapitalize="none" spellcheck="false"
            aria-describedby="rules{(broken is null ? "" : " wrong")}"{invalid}>
            <button type="button" data-toggle="own" aria-pressed="false"><span
            class="off">{texts.Show}</span><span class="on" aria-hidden="true">{texts.Hide}</span></button>
            </div>
            <p class="quiet">{texts.OwnAdvice}</p>
            <button type="submit">{texts.OwnButton}</button>
            </form>
            </div></details>
            """);
    }

    private static string Listed(IEnumerable<string> words) => string.Join(' ', words);

    private static string Error(PageTexts texts, ChosenPasswordRule? broken) => broken switch
    {
        ChosenPasswordRule.Characters => texts.OwnErrorCharacters,
        ChosenPasswordRule.Edges => texts.OwnErrorEdges,
        ChosenPasswordRule.Words => texts.OwnErrorWords,
        ChosenPasswordRule.Rows => texts.OwnErrorRows,
        ChosenPasswordRule.Common => texts.OwnErrorCommon,
        _ => texts.OwnErrorLength,
    };
}

/// <summary>The names of the forms' fields.</summary>
internal static class FormFields
{
    public const string Signature = "signature";
    public const string Password = "password";
}
