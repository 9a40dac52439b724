using System.Text.RegularExpressions;

namespace MailOperator.Api;

/// <summary>
/// The address of a mailbox. Limited to characters that every mail system accepts and that have no special meaning in
/// any credential store. Compared in lower case, as Dovecot does.
/// </summary>
internal static partial class MailboxAddress
{
    public const int MaxLength = 254;

    // Part of a domain between two dots.
    private const string Label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

    public static bool IsValid(string mailbox) => mailbox.Length <= MaxLength && Shape().IsMatch(mailbox);

    public static string Normalize(string mailbox) => mailbox.ToLowerInvariant();

    /// <summary>The username for mail clients: the local part as written, the domain in lower case.</summary>
    public static string Username(string mailbox)
    {
        int at = mailbox.LastIndexOf('@');
        return mailbox[..at] + mailbox[at..].ToLowerInvariant();
    }

    [GeneratedRegex(
        @"\A[A-Za-z0-9._+=~-]{1,64}@" // local part
        + @"(?:" + Label + @"\.)*" + Label + @"\z", // domain
        RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
