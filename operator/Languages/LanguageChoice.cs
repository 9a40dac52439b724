using Microsoft.Net.Http.Headers;

namespace MailOperator.Languages;

/// <summary>
/// Chooses a page's language: the one picked on the page, else the browser's preference, else English.
/// </summary>
internal static class LanguageChoice
{
    private const string QueryKey = "lang";

    /// <summary>The language for a request.</summary>
    public static Language Of(HttpRequest request) =>
        Language.Find(request.Query[QueryKey]) ?? FromHeader(request.Headers.AcceptLanguage.ToString());

    /// <summary>The query string, without <c>?</c>, that picks a language: <c>lang=de</c>.</summary>
    public static string QueryOf(Language language) => $"{QueryKey}={language.Code}";

    /// <summary>The best match for an <c>Accept-Language</c> header. Regions are ignored: de-CH gives German.</summary>
    public static Language FromHeader(string header) =>
        StringWithQualityHeaderValue.TryParseList([header], out IList<StringWithQualityHeaderValue>? wanted)
            ? wanted.Where(static one => one.Quality is not 0)
                .OrderByDescending(static one => one.Quality ?? 1)
                .Select(static one => Language.Find(one.Value.ToString().Split('-')[0]))
                .FirstOrDefault(static language => language is not null) ?? Language.English
            : Language.English;
}
