using System.Globalization;
using MailOperator.Api;
using MailOperator.Passwords;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Docs;

/// <summary>The strengths in docs/passwords.md are those of the generator.</summary>
public sealed class PasswordsPageTests
{
    private const int EnoughBits = 128;

    private static readonly PasswordAlphabet[] Alphabets =
        [PasswordAlphabet.Lowercase, PasswordAlphabet.Alphanumeric, PasswordAlphabet.WithSymbols];

    [Fact]
    public void Table_EveryRow_HasTheBitsOfTheSecretPart()
    {
        Dictionary<int, int[]> rows = Rows();

        Assert.All(rows, static row => Assert.Equal(Alphabets.Select(alphabet => Bits(row.Key, alphabet)), row.Value));
        Assert.Equal(Enum.GetValues<PasswordAlphabet>().Length, Alphabets.Length);
        Assert.Contains(AppPassword.MinLength, rows.Keys);
        Assert.Contains(AppPassword.MaxLength, rows.Keys);
    }

    [Fact]
    public void Default_AnyAlphabet_HasEnoughBits() =>
        Assert.All(Rows()[PasswordGenerator.DefaultLength], static bits => Assert.True(bits >= EnoughBits));

    [Fact]
    public void Alphabet_Any_HasEachCharacterOnce() =>
        // A duplicate would be chosen twice as often, and the table would be wrong.
        Assert.All(Alphabets, static alphabet => Assert.Distinct(PasswordGenerator.CharactersOf(alphabet)));

    private static int Bits(int length, PasswordAlphabet alphabet) =>
        (int)Math.Floor(
            (length - AppPassword.SelectorLength) * Math.Log2(PasswordGenerator.CharactersOf(alphabet).Length));

    private static Dictionary<int, int[]> Rows()
    {
        string[][] table = [.. File.ReadLines(Repository.Path("docs", "passwords.md"))
            .SkipWhile(static line => !line.StartsWith("| `length`", StringComparison.Ordinal))
            .TakeWhile(static line => line.StartsWith('|'))
            .Select(static line =>
                line.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        Assert.Equal(Alphabets.Select(static alphabet => $"`{alphabet}`"), table[0][1..]);
        return table[2..].ToDictionary(
            static row => int.Parse(row[0], CultureInfo.InvariantCulture),
            static row => row[1..].Select(static bits => int.Parse(bits, CultureInfo.InvariantCulture)).ToArray());
    }
}
