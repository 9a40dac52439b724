using MailOperator.Languages;

namespace MailOperator.Portal.Pages;

/// <summary>The parts that all pages have in common.</summary>
/// <param name="Language">The language of the page.</param>
/// <param name="Root">The portal's path, with a slash at its end.</param>
/// <param name="Organization">The name of the organization; null for none.</param>
/// <param name="Assets">The style, the script and the icon.</param>
internal sealed record PageFrame(Language Language, string Root, string? Organization, Assets Assets)
{
    private const string Doctype = "<!doctype html>\n";

    public PageTexts Texts => Language.Page;

    /// <summary>Query string of a link or form that keeps the language: <c>lang=de</c>.</summary>
    public string Query => LanguageChoice.QueryOf(Language);

    /// <param name="title">The page's title and first heading.</param>
    /// <param name="content">The part below the heading.</param>
    /// <param name="lead">The part above the heading.</param>
    /// <param name="refresh">Seconds after which a browser without scripts reloads the page; null for never.</param>
    public string Page(string title, Html content, Html lead = default, int? refresh = null) => Doctype + Html.Of($"""
        <html lang="{Language.Code}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex, nofollow">
        <title>{title}{(Organization is null ? "" : $" · {Organization}")}</title>
        <link rel="icon" href="{Root}{Assets.Icon.Path}" type="image/svg+xml">
        <link rel="stylesheet" href="{Root}{Assets.Style.Path}">
        <script src="{Root}{Assets.Script.Path}"></script>
        {Refresh(refresh)}
        </head>
        <body>
        <a class="skip" href="#content">{Texts.SkipToContent}</a>
        <header>
        <p class="brand">{Symbol}<span>{Organization ?? ""}</span></p>
        <nav aria-label="{Texts.LanguageLabel}">{Language.All.Select(LanguageLink)}</nav>
        </header>
        <main id="content">
        {lead}
        <h1>{title}</h1>
        {content}
        </main>
        </body>
        </html>
        """);

    private static readonly Html Symbol = Html.Of($"""
        <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false"><rect
        class="mark" width="32" height="32" rx="9"/><path
        class="line" d="M7 11.5h18v11H7zM7.5 12l8.5 6.5 8.5-6.5"/></svg>
        """);

    private static Html Refresh(int? seconds) => seconds is { } after
        ? Html.Of($"""<noscript><meta http-equiv="refresh" content="{after}"></noscript>""")
        : Html.Nothing;

    private Html LanguageLink(Language language) => Html.Of($"""
        <a href="?{LanguageChoice.QueryOf(language)}" lang="{language.Code}" hreflang="{language.Code}"
        rel="nofollow"{Current(language)}>{language.Code.ToUpperInvariant()}<span
        class="vh"> {language.Name}</span></a>
        """);

    private Html Current(Language language) => Html.Of($" aria-current=\"true\"").If(language == Language);
}
