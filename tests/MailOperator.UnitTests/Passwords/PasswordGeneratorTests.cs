using System.Text;
using MailOperator.Api;
using MailOperator.Passwords;

namespace MailOperator.UnitTests.Passwords;

public sealed class PasswordGeneratorTests
{
    [Fact]
    public void Generate_AnyLengthAndAlphabet_HasThatLengthInCharactersAndBytes()
    {
        foreach (PasswordAlphabet alphabet in Enum.GetValues<PasswordAlphabet>())
        {
            for (int length = AppPassword.MinLength; length <= AppPassword.MaxLength; length++)
            {
                using AppPassword password = PasswordGenerator.Generate(length, alphabet);

                Assert.Equal((length, length), (password.Bytes.Length, password.Reveal().Length)); // bcrypt reads bytes
            }
        }
    }

    [Fact]
    public void Generate_TwentyThousandTimes_NeverTheSame()
    {
        var seen = new HashSet<string>();
        for (int number = 0; number < 20_000; number++)
        {
            using AppPassword password = PasswordGenerator.Generate(AppPassword.MinLength, PasswordAlphabet.Lowercase);
            Assert.True(seen.Add(password.Reveal()));
        }
    }

    [Theory]
    [InlineData(nameof(PasswordAlphabet.Lowercase), 36)]
    [InlineData(nameof(PasswordAlphabet.Alphanumeric), 62)]
    [InlineData(nameof(PasswordAlphabet.WithSymbols), 73)]
    public void Generate_Often_UsesTheWholeAlphabetInEveryPlace(string alphabet, int characters)
    {
        // Mutants: never use the last character; always begin with a letter.
        var seen = new HashSet<char>[AppPassword.MinLength];
        for (int place = 0; place < seen.Length; place++)
        {
            seen[place] = [];
        }

        for (int number = 0; number < 3000; number++) // the chance to miss a character in a place is 1 in 10^18
        {
            using AppPassword password = PasswordGenerator.Generate(
                AppPassword.MinLength, Enum.Parse<PasswordAlphabet>(alphabet));
            string text = password.Reveal();
            for (int place = 0; place < seen.Length; place++)
            {
                seen[place].Add(text[place]);
            }
        }

        Assert.All(seen[..AppPassword.SelectorLength], one => Assert.Equal(36, one.Count));
        Assert.All(seen[AppPassword.SelectorLength..], one => Assert.Equal(characters, one.Count));
    }

    [Fact]
    public void Generate_Symbols_HaveNoSpecialMeaning()
    {
        // Special: a colon in a passwd-file, backslash and quotes in IMAP, dollar and backtick in a shell, a hash in
        // YAML.
        var used = new HashSet<char>();
        for (int number = 0; number < 3000; number++)
        {
            using AppPassword password = PasswordGenerator.Generate(
                AppPassword.MaxLength, PasswordAlphabet.WithSymbols);
            used.UnionWith(password.Reveal());
        }

        Assert.DoesNotContain(used, ":;\\\"'`$#&|<>(){}[]*?! \t\r\n".Contains);
        Assert.All(used, character => Assert.InRange(character, '!', '~'));
    }

    [Fact]
    public void Generate_Password_HasEnoughBitsInItsSecretPart()
    {
        // 26 characters of 62 are 154 bits: an offline search is impossible, even with a small work factor.
        using AppPassword password = PasswordGenerator.Generate(
            PasswordGenerator.DefaultLength, PasswordAlphabet.Alphanumeric);
        int hidden = Encoding.ASCII.GetCharCount(password.Bytes[AppPassword.SelectorLength..]);

        Assert.True(hidden * Math.Log2(62) > 128);
        Assert.True((AppPassword.MinLength - AppPassword.SelectorLength) * Math.Log2(36) > 50);
    }

    [Fact]
    public void Derive_SameSeed_IsTheSamePasswordAndAnyOtherBitAnother()
    {
        byte[] seed = [.. Enumerable.Range(0, PasswordGenerator.SeedBytes).Select(static number => (byte)number)];
        string password = Derived(seed);

        Assert.Equal(password, Derived(seed));
        var all = new HashSet<string> { password };
        for (int bit = 0; bit < seed.Length * 8; bit++)
        {
            byte[] other = [.. seed];
            other[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(all.Add(Derived(other))); // mutant: ignore a part of the seed
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => Derived(seed[..^1]));
    }

    [Theory]
    [InlineData(int.MinValue)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(AppPassword.MinLength - 1)]
    [InlineData(AppPassword.MaxLength + 1)]
    [InlineData(int.MaxValue)]
    public void Generate_InvalidLength_IsRefused(int length) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => PasswordGenerator.Generate(length, PasswordAlphabet.Alphanumeric));

    private static string Derived(byte[] seed)
    {
        using AppPassword password = PasswordGenerator.Derive(
            seed, PasswordGenerator.DefaultLength, PasswordAlphabet.Alphanumeric);
        return password.Reveal();
    }
}
