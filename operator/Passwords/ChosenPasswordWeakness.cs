using System.Security.Cryptography;
using System.Text;

namespace MailOperator.Passwords;

/// <summary>
/// Finds chosen passwords that are long and still among the first that are guessed (NIST SP 800-63B, 5.1.1.2): rows and
/// repetitions, well-known passwords, and what belongs to the person or the service. A pure function; the portal's page
/// applies the same rules while the person types.
/// </summary>
internal static class ChosenPasswordWeakness
{
    /// <summary>
    /// The least number of characters, if each row, repetition or well-known password counts as one. A random password
    /// of the least length has more; of digits alone, all but one in a thousand.
    /// </summary>
    public const int MinPieces = 10;

    /// <summary>Letters of a word that no password may contain; a shorter one is in too many others.</summary>
    public const int MinWordLength = 4;

    private const int MinRow = 3;

    /// <summary>Well-known passwords, in lower case: of lists of stolen ones, and rows of keyboards.</summary>
    public static readonly string[] Common =
    [
        "password", "passw0rd", "p@ssword", "p@ssw0rd", "passwort", "passwd", "motdepasse", "contrasena", "parola",
        "qwertyuiop", "qwertzuiop", "azertyuiop", "qwerty", "qwertz", "azerty", "asdfghjkl", "asdfgh", "asdf",
        "zxcvbnm", "yxcvbnm", "wxcvbn", "zxcvbn", "1q2w3e4r5t6y", "1q2w3e4r", "q1w2e3r4", "1qaz2wsx3edc", "1qaz2wsx",
        "qazwsxedc", "qazwsx", "zaq12wsx", "!@#$%^&*", "abc123", "112233", "121212", "123321", "147258369",
        "letmein", "welcome", "willkommen", "bienvenue", "benvenuto", "bienvenido", "iloveyou", "ichliebedich",
        "jetaime", "tiamo", "teamo", "administrator", "admin", "root", "login", "secret", "geheim", "changeme",
        "default", "guest", "test", "master", "monkey", "dragon", "football", "baseball", "soccer", "superman",
        "batman", "princess", "sunshine", "shadow", "michael", "jordan", "hunter", "charlie", "liverpool", "starwars",
        "pokemon", "whatever", "trustno1", "freedom", "computer", "internet", "hello", "hallo", "mail",
    ];

    /// <summary>
    /// The words that a password for the mailbox must not contain: the part before the @ and the parts of it, the names
    /// in the domain but the last, and those in <paramref name="services"/>. In lower case, without short ones.
    /// </summary>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="services">Names of the service: of an organization, or of hosts.</param>
    public static IReadOnlyList<string> WordsOf(string mailbox, params IEnumerable<string?> services)
    {
        string local = mailbox.Split('@')[0];
        return
        [
            .. ((IEnumerable<string>)[local, .. Parts(local), .. DomainNames(mailbox[local.Length..])])
                .Concat(services.OfType<string>().SelectMany(
                    static name => name.Contains(' ', StringComparison.Ordinal) ? Parts(name) : DomainNames(name)))
                .Where(static word => word.Length >= MinWordLength && Ascii.IsValid(word))
                .Select(static word => word.ToLowerInvariant())
                .Except(["imap", "smtp", "pop3", "mail"]) // of hosts; "mail" alone counts as a well-known password
                .Distinct(),
        ];
    }

    /// <summary>The rule that the text breaks; null if it breaks none.</summary>
    /// <param name="text">Printable ASCII of at most <see cref="AppPassword.MaxLength"/> bytes.</param>
    /// <param name="words">What it must not contain, in lower case.</param>
    public static ChosenPasswordRule? Find(ReadOnlySpan<byte> text, IReadOnlyList<string> words)
    {
        Span<byte> lower = stackalloc byte[AppPassword.MaxLength];
        Ascii.ToLower(text, lower, out int length);
        ReadOnlySpan<byte> folded = lower[..length];
        ChosenPasswordRule? broken =
            ContainsAny(folded, words) ? ChosenPasswordRule.Words
            : Pieces(folded, []) < MinPieces ? ChosenPasswordRule.Rows
            : Pieces(folded, Common) < MinPieces ? ChosenPasswordRule.Common
            : null;
        CryptographicOperations.ZeroMemory(lower); // it is the password
        return broken;
    }

    // Each piece is the longest that begins here: of a row, of what came before, or of a known word; else a character.
    private static int Pieces(ReadOnlySpan<byte> text, string[] known)
    {
        int pieces = 0;
        for (int at = 0; at < text.Length; pieces++)
        {
            int longest = Math.Max(Row(text[at..]), Repetition(text, at));
            foreach (string word in known)
            {
                longest = word.Length > longest && StartsWith(text[at..], word) ? word.Length : longest;
            }

            at += Math.Max(longest, 1);
        }

        return pieces;
    }

    private static int Row(ReadOnlySpan<byte> text)
    {
        if (text.Length < MinRow || text[1] - text[0] is var step && step is < -1 or > 1)
        {
            return 0;
        }

        int length = 2;
        while (length < text.Length && text[length] - text[length - 1] == step)
        {
            length++;
        }

        return length < MinRow ? 0 : length;
    }

    private static int Repetition(ReadOnlySpan<byte> text, int at)
    {
        int longest = 0;
        for (int before = 0; before < at; before++)
        {
            longest = Math.Max(longest, text[at..].CommonPrefixLength(text[before..]));
        }

        return longest < MinRow ? 0 : longest;
    }

    private static bool ContainsAny(ReadOnlySpan<byte> text, IReadOnlyList<string> words)
    {
        for (int at = 0; at < text.Length; at++)
        {
            foreach (string word in words)
            {
                if (StartsWith(text[at..], word))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool StartsWith(ReadOnlySpan<byte> text, string word) =>
        text.Length >= word.Length && Ascii.Equals(text[..word.Length], word);

    private static string[] Parts(string name) =>
        [.. string.Concat(name.Select(static one => char.IsAsciiLetterOrDigit(one) ? one : ' ')).Split(' ')];

    // The last one is of the whole world.
    private static string[] DomainNames(string name) =>
        name.TrimStart('@').Split('.') is { Length: > 1 } names ? names[..^1] : [name.TrimStart('@')];
}
