using MailOperator.Api;
using MailOperator.Languages;
using MailOperator.Portal.MailApps;

namespace MailOperator.Portal.Pages;

/// <summary>The page with the password and with the settings for a mail app.</summary>
internal static class PasswordPage
{
    private const int GroupSize = 4;

    /// <param name="frame">The frame, with the language.</param>
    /// <param name="offer">What the password is for.</param>
    /// <param name="password">
    /// The password in clear. Apart from the person's apps it is only on this page. Null if only the person knows it.
    /// </param>
    /// <param name="self">The link's path. The Apple profile and the route "done" are below it.</param>
    /// <param name="signature">The form's signature.</param>
    /// <param name="shownFor">How long this page can still be opened.</param>
    public static string Ready(
        PageFrame frame, InvitationOffer offer, string? password, string self, string signature, TimeSpan shownFor)
    {
        PageTexts texts = frame.Texts;
        var settings = MailSettings.Of(offer);
        MailServer? secondChoice = settings.Find(MailProtocol.IMAP) is null ? null : settings.Find(MailProtocol.POP3);
        Html device = Html.Of($"<div><dt>{texts.Device}</dt><dd>{offer.DeviceName}</dd></div>")
            .If(offer.DeviceName is { Length: > 0 });
        Html shown = password is null
            ? Html.Of($"""<p class="note">{texts.OwnKnown}</p>""")
            : Secret(texts, password, shownFor);
        IEnumerable<Html> tables = settings.Servers
            .Where(server => server != secondChoice)
            .Select(server => Table(texts, server, settings.Username));
        return frame.Page(texts.ReadyTitle, Html.Of($"""
            <p class="lead">{texts.ReadyLead}</p>
            <p class="vh" id="live" role="status"></p>
            <section class="card">
            <dl class="facts">
            <div><dt>{texts.Mailbox}</dt><dd translate="no">{offer.Mailbox}</dd></div>
            {device}
            </dl>
            {shown}
            </section>
            <h2>{texts.SettingsTitle}</h2>
            <section class="card">{tables}</section>
            {SecondChoice(texts, secondChoice, settings.Username)}
            <h2>{texts.AppsTitle}</h2>
            {Apps(texts, settings, self, hasPassword: password is not null)}
            {Done(frame, self, signature).If(password is not null)}
            """),
            refresh: password is null ? null : (int)Math.Ceiling(shownFor.TotalSeconds) + 1);
    }

    private static Html Secret(PageTexts texts, string password, TimeSpan shownFor) => Html.Of($"""
        <div class="secret" data-shown-for="{((int)shownFor.TotalSeconds).ToString()}">
        <details class="reveal"><summary><span class="dots" aria-hidden="true">••••••••••••</span><span
        class="vh">{texts.Password}</span><span><span class="closed">{texts.Show}</span><span
        class="opened">{texts.Hide}</span></span></summary>
        <p class="password" id="password" translate="no">{Grouped(password)}</p></details>
        {CopyButton(texts, "password", texts.Password)}
        </div>
        <p class="note">{string.Format(texts.OnceAfter, Math.Max(1, (int)Math.Ceiling(shownFor.TotalMinutes)))}</p>
        """);

    private static Html Done(PageFrame frame, string self, string signature) => Html.Of($"""
        <section class="card">
        <form method="post" action="{self}/done?{frame.Query}">
        <input type="hidden" name="{FormFields.Signature}" value="{signature}">
        <p>{frame.Texts.DoneHint}</p>
        <button class="primary" type="submit">{frame.Texts.Done}</button>
        </form>
        </section>
        """);

    /// <summary>
    /// The password in groups of four, with digits marked to tell them from similar letters. The text itself has no
    /// separators, so that it can be copied.
    /// </summary>
    internal static Html Grouped(string password) =>
        Html.Join(password.Chunk(GroupSize).Select(static group => Html.Of($"<span>{group.Select(Character)}</span>")));

    private static Html Character(char one) => one switch
    {
        >= '0' and <= '9' => Html.Of($"<b>{one.ToString()}</b>"),
        ' ' => Html.Of($"<i> </i>"),
        _ => Html.Of($"{one.ToString()}"),
    };

    /// <summary>POP3 next to IMAP, collapsed because few people need it.</summary>
    private static Html SecondChoice(PageTexts texts, MailServer? server, string username) => server is null
        ? Html.Nothing
        : Html.Of(
            $"""<details class="more"><summary>{Caption(texts, server)}</summary>"""
            + $"""<div>{Table(texts, server, username, isCaptioned: false)}</div></details>""");

    private static string Caption(PageTexts texts, MailServer server) =>
        string.Format(
            server.Protocol == MailProtocol.SMTP ? texts.Outgoing : texts.Incoming, server.Protocol.ToString());

    // The roles repeat what the elements are: on a phone their style changes "display", which drops the implicit roles.
    private static Html Table(PageTexts texts, MailServer server, string username, bool isCaptioned = true)
    {
        string name = server.Protocol.ToString();
        Html hidden = Html.Of($" class=\"vh\"").If(!isCaptioned);
        return Html.Of($"""
            <table role="table"><caption{hidden}>{Caption(texts, server)}</caption><tbody role="rowgroup">
            {CopyableRow(texts, texts.Server, $"{name}-host", server.Host)}
            {CopyableRow(texts, texts.Port, $"{name}-port", server.Port.ToString())}
            {Row(texts.Security, Security(texts, server.Security))}
            {CopyableRow(texts, texts.Username, $"{name}-user", username)}
            {Row(texts.Password, texts.PasswordAsAbove)}
            </tbody></table>
            """);
    }

    private static Html Row(string name, string value) => Html.Of($"""
        <tr role="row"><th role="rowheader" scope="row">{name}</th><td role="cell" colspan="2">{value}</td></tr>
        """);

    private static Html CopyableRow(PageTexts texts, string name, string id, string value) => Html.Of($"""
        <tr role="row"><th role="rowheader" scope="row">{name}</th><td
        role="cell"><code id="{id}" translate="no">{Breakable(value)}</code></td><td
        role="cell" class="act">{CopyButton(texts, id, name)}</td></tr>
        """);

    /// <summary>A host or an address that a narrow page breaks only between its parts.</summary>
    private static Html Breakable(string value) => Html.Join(value.Select(static one =>
        one is '.' or '@' ? Html.Of($"{one.ToString()}<wbr>") : Html.Of($"{one.ToString()}")));

    private static Html CopyButton(PageTexts texts, string id, string what) => Html.Of($"""
        <button type="button" data-copy="{id}" data-said="{texts.Copied}"><span
        class="asks">{texts.Copy}<span class="vh"> ({what})</span></span><span
        class="said" aria-hidden="true">{texts.Copied}</span></button>
        """);

    private static string Security(PageTexts texts, ConnectionSecurity security) => security switch
    {
        ConnectionSecurity.TLS => "SSL/TLS",
        ConnectionSecurity.STARTTLS => "STARTTLS",
        _ => texts.SecurityNone,
    };

    private static Html Apps(PageTexts texts, MailSettings settings, string self, bool hasPassword)
    {
        Html lead = Html.Of($"""<p class="quiet">{texts.AppleLead}</p>""").If(hasPassword);
        Html download = Html.Of($"""
            <p><a class="button" href="{self}/{AppleProfile.FileName}" download>{texts.AppleDownload}</a></p>{lead}
            """);
        return Html.Of($"""
            {App(texts.AppleTitle, Steps(texts.AppleSteps), download).If(AppleProfile.IsPossible(settings))}
            {App("Thunderbird", Steps(texts.ThunderbirdSteps))}
            {App("Outlook", Steps(texts.OutlookSteps))}
            {App(texts.OtherTitle, Steps(texts.OtherSteps))}
            """);
    }

    private static Html App(string name, Html steps, Html before = default) =>
        Html.Of($"""<details class="more" name="app"><summary>{name}</summary><div>{before}{steps}</div></details>""");

    private static Html Steps(string[] steps) =>
        Html.Of($"<ol>{steps.Select(static step => Html.Of($"<li>{step}</li>"))}</ol>");
}
