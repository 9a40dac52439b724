using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace MailOperator.Portal.Pages;

/// <summary>
/// Markup that is safe to send: literals of this program, with every inserted value escaped, as in
/// <c>Html.Of($"&lt;p&gt;{name}&lt;/p&gt;")</c>. There is no other way to make it, so nobody can forget to escape.
/// </summary>
internal readonly struct Html
{
    public static readonly Html Nothing = new("");

    private readonly string? _markup;

    private Html(string markup) => _markup = markup;

    public static Html Of(ref Builder markup) => new(markup.ToString());

    public static Html Join(IEnumerable<Html> parts) => new(string.Concat(parts));

    /// <summary>The markup if the condition is true, else nothing.</summary>
    public Html If(bool condition) => condition ? this : Nothing;

    public override string ToString() => _markup ?? "";

    /// <summary>
    /// Builds from an interpolated string: literals stay as they are, values are escaped unless markup.
    /// </summary>
    [InterpolatedStringHandler]
    public readonly ref struct Builder(int literalLength, int formattedCount)
    {
        private const int GuessPerValue = 24;

        // Letters of all languages stay as they are; the characters with a meaning in HTML are always escaped.
        private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

        private readonly StringBuilder _text = new(literalLength + (formattedCount * GuessPerValue));

        public void AppendLiteral(string literal) => _text.Append(literal);

        public void AppendFormatted(Html markup) => _text.Append(markup.ToString());

        public void AppendFormatted(IEnumerable<Html> parts) => _text.AppendJoin("", parts);

        public void AppendFormatted(string? value) => _text.Append(Encoder.Encode(value ?? ""));

        public void AppendFormatted(int value) => _text.Append(value);

        public override string ToString() => _text.ToString();
    }
}
