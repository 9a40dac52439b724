using Microsoft.Net.Http.Headers;

namespace MailOperator.Languages;

/// <summary>Chooses the language of a page: what the person picked, or what their browser asks for, or English.</summary>
internal static class Language
{
    /// <summary>The query's name of what the person picked.</summary>
    public const string Query = "lang";

    public static Texts Choose(HttpRequest request) =>
        Texts.Find(request.Query[Query]) ?? FromHeader(request.Headers.AcceptLanguage.ToString());

    /// <summary>The best of an <c>Accept-Language</c>; a region is left aside, so de-CH is German.</summary>
    public static Texts FromHeader(string header) =>
        StringWithQualityHeaderValue.TryParseList([header], out IList<StringWithQualityHeaderValue>? wanted)
            ? wanted.Where(static one => one.Quality is not 0)
                .OrderByDescending(static one => one.Quality ?? 1)
                .Select(static one => Texts.Find(one.Value.ToString().Split('-')[0]))
                .FirstOrDefault(static texts => texts is not null) ?? Texts.English
            : Texts.English;
}
