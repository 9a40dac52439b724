using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace MailOperator.Portal.Pages;

/// <summary>
/// Markup that is safe to send. It comes from literals of this program and from values that are escaped where they are put
/// in: <c>Html.Of($"&lt;p&gt;{name}&lt;/p&gt;")</c>. There is no other way to make it, so nobody can forget to escape.
/// </summary>
internal readonly struct Html
{
    public static readonly Html Nothing = new("");

    private readonly string? _markup;

    private Html(string markup) => _markup = markup;

    public static Html Of(ref Builder markup) => new(markup.ToString());

    public static Html Join(IEnumerable<Html> parts) => new(string.Concat(parts));

    /// <summary>The markup if the condition holds.</summary>
    public Html If(bool condition) => condition ? this : Nothing;

    public override string ToString() => _markup ?? "";

    /// <summary>What an interpolated string becomes: its literals as they are, each value escaped unless it is markup.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Builder(int literalLength, int formattedCount)
    {
        private const int GuessPerValue = 24;

        // Letters of all languages stay legible; the five characters that mean something in HTML never get through.
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
