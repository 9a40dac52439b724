using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MailOperator.DeviceInvitations.Delivery;

/// <summary>
/// Names that a tenant writes, as they stand in a mail from the platform's sender. A mail program makes a link of
/// whatever looks like an address, so a name must not look like one.
/// </summary>
internal static partial class MailName
{
    /// <summary>Characters of a name in a mail: enough for a name, too few for a message.</summary>
    public const int MaxLength = 64;

    private const char Cut = '…';

    /// <summary>
    /// The name on one line, of at most <see cref="MaxLength"/> characters, with nothing that a mail program makes a
    /// link of. Admission refuses most of what this changes; objects may be older, and names of objects have dots.
    /// </summary>
    public static string Harmless(string name)
    {
        // A line break must not add a header, and a mark of direction must not turn the text around.
        string line = string.Concat(name.Select(static letter => IsInvisible(letter) ? ' ' : letter));
        string plain = Address().IsMatch(line) ? Joint().Replace(line, " ") : line;
        return Shortened(plain.Trim());
    }

    private static string Shortened(string name)
    {
        if (name.Length <= MaxLength)
        {
            return name;
        }

        int end = char.IsLowSurrogate(name[MaxLength - 1]) ? MaxLength - 2 : MaxLength - 1;
        return new StringBuilder(name, 0, end, MaxLength).Append(Cut).ToString();
    }

    // Joiners are part of words in some scripts, and of emoji.
    private static bool IsInvisible(char letter) => letter is not ('\u200C' or '\u200D')
        && char.GetUnicodeCategory(letter) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    // The rule of the CRDs for displayName, and the other full stops that domains may be written with. Joiners go too.
    [GeneratedRegex(
        @"[@\uFF20]|://|www[.]|[\p{L}\p{N}-][.\u3002\uFF0E\uFF61][\u200C\u200D]*\p{L}[\u200C\u200D]*[\p{L}\p{N}-]",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Address();

    [GeneratedRegex(@"[@\uFF20:/.\u3002\uFF0E\uFF61]+", RegexOptions.CultureInvariant)]
    private static partial Regex Joint();
}
