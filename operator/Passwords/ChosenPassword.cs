using System.Diagnostics.CodeAnalysis;

namespace MailOperator.Passwords;

/// <summary>The rules for a password that a person chose. Messages never quote the password.</summary>
internal static class ChosenPassword
{
    private const byte FirstPrintable = (byte)' ';
    private const byte LastPrintable = (byte)'~';

    /// <summary>
    /// Takes a value of a Secret as a password: printable ASCII, which every mail client and server reads alike. A
    /// trailing line break is not part of it, because most editors and <c>echo</c> append one.
    /// </summary>
    /// <param name="value">The value; it is copied.</param>
    /// <param name="words">What it must not contain: <see cref="ChosenPasswordWeakness.WordsOf"/>.</param>
    /// <param name="password">The password, to be disposed of.</param>
    /// <param name="brokenRule">The rule that it breaks, to follow "the password" in a sentence.</param>
    public static bool TryTake(
        ReadOnlySpan<byte> value,
        IReadOnlyList<string> words,
        [NotNullWhen(true)] out AppPassword? password,
        [NotNullWhen(false)] out string? brokenRule)
    {
        ReadOnlySpan<byte> text = WithoutLineBreak(value);
        ChosenPasswordRule? broken = BrokenRule(text, words);
        brokenRule = broken is { } rule ? Describe(rule) : null;
        password = broken is null ? new AppPassword(text.ToArray()) : null;
        return broken is null;
    }

    /// <summary>The first rule that a password breaks; null if it breaks none.</summary>
    /// <param name="text">The password.</param>
    /// <param name="words">What it must not contain: <see cref="ChosenPasswordWeakness.WordsOf"/>.</param>
    public static ChosenPasswordRule? BrokenRule(ReadOnlySpan<byte> text, IReadOnlyList<string> words) =>
        text.Length is < AppPassword.MinLength or > AppPassword.MaxLength ? ChosenPasswordRule.Length
        : text.ContainsAnyExceptInRange(FirstPrintable, LastPrintable) ? ChosenPasswordRule.Characters
        : text[0] == FirstPrintable || text[^1] == FirstPrintable ? ChosenPasswordRule.Edges
        : ChosenPasswordWeakness.Find(text, words);

    private static string Describe(ChosenPasswordRule rule) => rule switch
    {
        ChosenPasswordRule.Length =>
            $"must be {AppPassword.MinLength} to {AppPassword.MaxLength} bytes long, without a line break at its end",
        ChosenPasswordRule.Characters => "may hold printable ASCII characters only: no umlauts, tabs or line breaks",
        ChosenPasswordRule.Words =>
            "must not contain the mailbox, a part of it or a name in its domain (of "
            + $"{ChosenPasswordWeakness.MinWordLength} letters or more)",
        ChosenPasswordRule.Rows =>
            "is mostly rows or repetitions such as aaaa, 1234 or abcabc: if each counts as one character, "
            + $"{ChosenPasswordWeakness.MinPieces} must be left",
        ChosenPasswordRule.Common =>
            "is mostly well-known passwords such as qwerty: if each counts as one character, "
            + $"{ChosenPasswordWeakness.MinPieces} must be left",
        _ => "must neither begin nor end with a space, which many mail clients drop",
    };

    private static ReadOnlySpan<byte> WithoutLineBreak(ReadOnlySpan<byte> value) =>
        value.EndsWith("\r\n"u8) ? value[..^2] : value.EndsWith("\n"u8) ? value[..^1] : value;
}

/// <summary>The rules for a chosen password.</summary>
internal enum ChosenPasswordRule
{
    Length,
    Characters,
    Edges,

    /// <summary>It contains the address, a part of it, or the name of the service.</summary>
    Words,

    /// <summary>It is mostly rows and repetitions.</summary>
    Rows,

    /// <summary>It is mostly well-known passwords.</summary>
    Common,
}
