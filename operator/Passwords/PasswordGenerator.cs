using System.Buffers.Binary;
using System.Security.Cryptography;
using MailOperator.Api;

namespace MailOperator.Passwords;

/// <summary>
/// Makes random passwords: a selector of six characters, then the secret part. With the default of 32 characters
/// the secret part holds 26 of 62: 154 bits.
/// </summary>
internal static class PasswordGenerator
{
    public const int DefaultLength = 32;

    /// <summary>Bytes of a seed: more bits than a password of the default length can hold.</summary>
    public const int SeedBytes = 32;

    private const string Digits = "0123456789";
    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    // None that a passwd-file, a shell's double quotes, YAML or an IMAP quoted string gives a meaning to.
    private const string Symbols = "-_.+=~^@%/,";

    /// <summary>A selector for a password that does not begin with one.</summary>
    public static string GenerateSelector() => RandomNumberGenerator.GetString(Lower + Digits, AppPassword.SelectorLength);

    public static AppPassword Generate(int length, PasswordAlphabet alphabet)
    {
        byte[] seed = RandomNumberGenerator.GetBytes(SeedBytes);
        AppPassword password = Derive(seed, length, alphabet);
        CryptographicOperations.ZeroMemory(seed);
        return password;
    }

    /// <summary>The one password of a seed, which has to be as random and as secret as the password.</summary>
    public static AppPassword Derive(ReadOnlySpan<byte> seed, int length, PasswordAlphabet alphabet)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, AppPassword.MinLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, AppPassword.MaxLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(seed.Length, SeedBytes);
        // 64 bits for each character: what the division leaves over makes none likelier than another by more than 1 in 2^57.
        Span<byte> bits = stackalloc byte[length * sizeof(ulong)];
        HKDF.Expand(HashAlgorithmName.SHA256, seed, bits, "mail-operator password"u8);
        byte[] password = new byte[length];
        for (int place = 0; place < length; place++)
        {
            string characters = place < AppPassword.SelectorLength ? Lower + Digits : CharactersOf(alphabet);
            password[place] = (byte)characters[(int)(BinaryPrimitives.ReadUInt64BigEndian(bits[(place * sizeof(ulong))..]) % (ulong)characters.Length)];
        }

        CryptographicOperations.ZeroMemory(bits);
        return new AppPassword(password);
    }

    /// <summary>The characters of the secret part.</summary>
    public static string CharactersOf(PasswordAlphabet alphabet) => alphabet switch
    {
        PasswordAlphabet.Lowercase => Lower + Digits,
        PasswordAlphabet.WithSymbols => Lower + Upper + Digits + Symbols,
        _ => Lower + Upper + Digits,
    };
}
