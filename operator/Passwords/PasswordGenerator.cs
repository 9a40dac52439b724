using System.Buffers.Binary;
using System.Security.Cryptography;
using MailOperator.Api;

namespace MailOperator.Passwords;

/// <summary>
/// Generates random passwords: a selector of six characters, then the secret part. At the default length of 32 the
/// secret part has 26 characters of 62, which are 154 bits.
/// </summary>
internal static class PasswordGenerator
{
    public const int DefaultLength = 32;

    /// <summary>Bytes of a seed: more entropy than a password of the default length has.</summary>
    public const int SeedBytes = 32;

    private const string Digits = "0123456789";
    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    // None is special in a passwd-file, in a shell's double quotes, in YAML or in an IMAP quoted string.
    private const string Symbols = "-_.+=~^@%/,";

    /// <summary>A selector for a password without one of its own.</summary>
    public static string GenerateSelector() =>
        RandomNumberGenerator.GetString(Lower + Digits, AppPassword.SelectorLength);

    public static AppPassword Generate(int length, PasswordAlphabet alphabet)
    {
        byte[] seed = RandomNumberGenerator.GetBytes(SeedBytes);
        AppPassword password = Derive(seed, length, alphabet);
        CryptographicOperations.ZeroMemory(seed);
        return password;
    }

    /// <summary>The one password of a seed. The seed must be as random and as secret as the password.</summary>
    public static AppPassword Derive(ReadOnlySpan<byte> seed, int length, PasswordAlphabet alphabet)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, AppPassword.MinLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, AppPassword.MaxLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(seed.Length, SeedBytes);
        // 64 bits per character keep the modulo bias below 1 in 2^57.
        Span<byte> bits = stackalloc byte[length * sizeof(ulong)];
        HKDF.Expand(HashAlgorithmName.SHA256, seed, bits, "mail-operator password"u8);
        byte[] password = new byte[length];
        for (int place = 0; place < length; place++)
        {
            string characters = place < AppPassword.SelectorLength ? Lower + Digits : CharactersOf(alphabet);
            ulong random = BinaryPrimitives.ReadUInt64BigEndian(bits[(place * sizeof(ulong))..]);
            password[place] = (byte)characters[(int)(random % (ulong)characters.Length)];
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
