using System.Text;
using MailOperator.Passwords;

namespace MailOperator.Backends;

/// <summary>
/// What a mail server says, made fit for a condition. A server may repeat what it was told, the password too.
/// </summary>
internal static class ServerText
{
    public const int MaxLength = 160;

    // So much of a password in a row is no coincidence: a server may repeat a part of what it was told.
    private const int Telling = 8;

    /// <summary>
    /// The text on one line and of bounded length; another one in place of it if it holds a part of the password in any
    /// form.
    /// </summary>
    public static string Quote(string text, string username, AppPassword password)
    {
        string secret = password.Reveal();
        string[] forms =
        [
            secret,
            Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)),
            Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{username}\0{secret}")),
        ];
        return Quote(text, forms, "the password");
    }

    /// <summary>The same for what else may not be shown.</summary>
    /// <param name="text">What the server says.</param>
    /// <param name="secrets">None of these may be repeated, and no part of them that tells.</param>
    /// <param name="what">What they are, in words.</param>
    public static string Quote(string text, IReadOnlyCollection<string> secrets, string what)
    {
        // As it is shown, "correct<tab>horse" would read "correct horse".
        string line = OneLine(text);
        return secrets.Any(secret => IsRepeated(secret, text) || IsRepeated(OneLine(secret), line))
            ? $"it repeats {what}, so its words are not shown"
            : $"it says \"{(line.Length > MaxLength ? line[..MaxLength] + "..." : line).Trim()}\"";
    }

    /// <summary>
    /// Whether the words are those of a server that could not judge: "[UNAVAILABLE]", "Temporary …", or SMTP's 4xx.
    /// </summary>
    public static bool IsTemporary(string text) =>
        text.Contains("temporar", StringComparison.OrdinalIgnoreCase)
        || text.Contains("[UNAVAILABLE]", StringComparison.OrdinalIgnoreCase)
        || text.Contains("[SYS/TEMP]", StringComparison.OrdinalIgnoreCase)
        || (text.Length > 3 && text[0] == '4' && char.IsAsciiDigit(text[1]) && char.IsAsciiDigit(text[2])
            && !char.IsAsciiDigit(text[3]));

    private static string OneLine(string text) => new([.. text.Select(static character => character switch
    {
        '"' => '\'',
        >= ' ' and <= '~' => character,
        _ => ' ',
    })]);

    private static bool IsRepeated(string secret, string text)
    {
        int length = Math.Clamp(secret.Length, 1, Telling);
        return Enumerable.Range(0, Math.Max(0, secret.Length - length + 1))
            .Any(at => text.Contains(secret.Substring(at, length), StringComparison.OrdinalIgnoreCase));
    }
}
