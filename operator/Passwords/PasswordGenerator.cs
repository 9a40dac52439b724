using System.Security.Cryptography;
using System.Text;
using MailOperator.Api;

namespace MailOperator.Passwords;

/// <summary>
/// Makes random passwords: a selector of six characters, then the secret part. With the default of 32 characters
/// the secret part holds 26 of 62: 154 bits.
/// </summary>
internal static class PasswordGenerator
{
    public const int DefaultLength = 32;

    private const string Digits = "0123456789";
    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    // None that a passwd-file, a shell's double quotes, YAML or an IMAP quoted string gives a meaning to.
    private const string Symbols = "-_.+=~^@%/,";

    /// <summary>A selector for a password that does not begin with one.</summary>
    public static string GenerateSelector() => RandomNumberGenerator.GetString(Lower + Digits, AppPassword.SelectorLength);

    public static AppPassword Generate(int length, PasswordAlphabet alphabet)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, AppPassword.MinLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, AppPassword.MaxLength);
        char[] characters = new char[length];
        RandomNumberGenerator.GetItems(Lower + Digits, characters.AsSpan(0, AppPassword.SelectorLength));
        RandomNumberGenerator.GetItems(CharactersOf(alphabet), characters.AsSpan(AppPassword.SelectorLength));
        byte[] bytes = Encoding.ASCII.GetBytes(characters);
        Array.Clear(characters);
        return new AppPassword(bytes);
    }

    /// <summary>The characters of the secret part.</summary>
    public static string CharactersOf(PasswordAlphabet alphabet) => alphabet switch
    {
        PasswordAlphabet.Lowercase => Lower + Digits,
        PasswordAlphabet.WithSymbols => Lower + Upper + Digits + Symbols,
        _ => Lower + Upper + Digits,
    };
}
