using System.Text.Json;
using MailOperator.Api;
using MailOperator.Passwords;

namespace MailOperator.UnitTests.Passwords;

public sealed class PasswordTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(16, nameof(PasswordAlphabet.Alphanumeric), "^[a-z0-9]{6}[A-Za-z0-9]{10}$")]
    [InlineData(32, nameof(PasswordAlphabet.Lowercase), "^[a-z0-9]{32}$")]
    [InlineData(72, nameof(PasswordAlphabet.WithSymbols), "^[a-z0-9]{6}[A-Za-z0-9._+=~^@%/,-]{66}$")]
    public void Generate_LengthAndAlphabet_AreInThePassword(int length, string alphabet, string pattern)
    {
        using AppPassword password = PasswordGenerator.Generate(length, Enum.Parse<PasswordAlphabet>(alphabet));

        Assert.Matches(pattern, password.Reveal());
        Assert.Equal(password.Reveal()[..6], password.Selector);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(73)]
    public void Generate_LengthOutOfRange_IsRefused(int length) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => PasswordGenerator.Generate(length, PasswordAlphabet.Alphanumeric));

    [Fact]
    public void Generate_ManyTimes_UsesEveryCharacterAboutEquallyOften()
    {
        // Mutant: a random byte modulo 62, which favours the first eight characters by a quarter.
        int[] counts = new int[128];
        for (int number = 0; number < 3000; number++)
        {
            using AppPassword password = PasswordGenerator.Generate(72, PasswordAlphabet.Alphanumeric);
            foreach (char character in password.Reveal()[6..])
            {
                counts[character]++;
            }
        }

        int[] used = [.. counts.Where(count => count > 0)];
        Assert.Equal(62, used.Length);
        Assert.InRange(used.Max() / (double)used.Min(), 1, 1.17); // 3194 each, six standard deviations are 11 %
    }

    [Fact]
    public void AppPassword_Printed_ShowsNothing()
    {
        using var password = new AppPassword("k7f3q2SecretSecret"u8.ToArray());

        Assert.Equal("***", password.ToString());
        Assert.Equal("***", $"{password}");
        Assert.DoesNotContain(
            "Secret", JsonSerializer.Serialize(new { Selector = password.Selector, Text = password.ToString() }));
    }

    [Fact]
    public void AppPassword_Disposed_IsOverwritten()
    {
        byte[] bytes = "k7f3q2SecretSecret"u8.ToArray();

        new AppPassword(bytes).Dispose();

        Assert.All(bytes, one => Assert.Equal(0, one));
    }

    [Fact]
    public async Task Hash_Password_HasTheCommonFormatAndVerifies()
    {
        using var hasher = new PasswordHasher(1);
        using AppPassword password = PasswordGenerator.Generate(
            32, PasswordAlphabet.Alphanumeric), other = PasswordGenerator.Generate(32, PasswordAlphabet.Alphanumeric);

        string hash = await hasher.HashAsync(password, 4, Token);

        Assert.Matches(@"^\$2y\$04\$[./A-Za-z0-9]{53}$", hash);
        Assert.True(await hasher.VerifyAsync(password, hash, Token));
        Assert.False(await hasher.VerifyAsync(other, hash, Token));
    }

    [Fact]
    public async Task Hash_Failing_ThrowsToTheCallerAndTheThreadGoesOn()
    {
        using var hasher = new PasswordHasher(1);
        using AppPassword password = PasswordGenerator.Generate(32, PasswordAlphabet.Alphanumeric);

        await Assert.ThrowsAnyAsync<Exception>(() => hasher.HashAsync(password, 99, Token));

        Assert.NotNull(await hasher.HashAsync(password, 4, Token));
    }
}
