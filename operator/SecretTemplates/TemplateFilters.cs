using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using Fluid;
using Fluid.Values;

namespace MailOperator.SecretTemplates;

/// <summary>
/// The filters of a template. Each produces at most a few times its input, and fails beyond
/// <see cref="SecretTemplate.MaxTextLength"/>, so that a chain of them cannot exhaust the memory.
/// </summary>
internal static class TemplateFilters
{
    public static readonly ImmutableSortedDictionary<string, FilterDelegate> All =
        new Dictionary<string, FilterDelegate>
        {
            ["append"] = Text(static (text, arguments) => text + Argument(arguments, 0)),
            ["prepend"] = Text(static (text, arguments) => Argument(arguments, 0) + text),
            ["upcase"] = Text(static (text, _) => text.ToUpperInvariant()),
            ["downcase"] = Text(static (text, _) => text.ToLowerInvariant()),
            ["strip"] = Text(static (text, _) => text.Trim()),
            ["default"] = Text(static (text, arguments) => text.Length > 0 ? text : Argument(arguments, 0)),
            ["remove"] = Text(static (text, arguments) => Replace(text, Argument(arguments, 0), "")),
            ["replace"] = Text(
                static (text, arguments) => Replace(text, Argument(arguments, 0), Argument(arguments, 1))),
            ["url_encode"] = Text(static (text, _) => Uri.EscapeDataString(text)),
            ["base64_encode"] = Text(static (text, _) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text))),
            ["json"] = Text(static (text, _) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\""),
            ["escape"] = Text(static (text, _) => WebUtility.HtmlEncode(text)),
            ["split"] = static (input, arguments, _) => Split(input.ToStringValue(), Argument(arguments, 0)),
            ["first"] = static (input, _, _) => input is ArrayValue { Values: [var first, ..] } ? first : input,
            ["last"] = static (input, _, _) => input is ArrayValue { Values: [.., var last] } ? last : input,
        }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static FilterDelegate Text(Func<string, FilterArguments, string> filter) => (input, arguments, _) =>
    {
        string text = filter(input.ToStringValue(), arguments);
        return text.Length <= SecretTemplate.MaxTextLength
            ? new StringValue(text)
            : throw new TextTooLongException(SecretTemplate.MaxTextLength);
    };

    private static string Argument(FilterArguments arguments, int index) => arguments.At(index).ToStringValue();

    // The only filter whose output can be far longer than its input, so its length is checked first.
    private static string Replace(string text, string old, string with)
    {
        if (old.Length == 0)
        {
            return text;
        }

        return (long)text.Length / old.Length * with.Length <= 2L * SecretTemplate.MaxTextLength
            ? text.Replace(old, with, StringComparison.Ordinal)
            : throw new TextTooLongException(SecretTemplate.MaxTextLength);
    }

    private static ArrayValue Split(string text, string separator) =>
        new([.. text.Split(separator.Length == 0 ? null : separator)
            .Select(static FluidValue (part) => new StringValue(part))]);
}
