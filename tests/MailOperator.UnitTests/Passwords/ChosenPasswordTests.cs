using System.Text;
using MailOperator.Passwords;

namespace MailOperator.UnitTests.Passwords;

public sealed class ChosenPasswordTests
{
    private static readonly IReadOnlyList<string> Words =
        ChosenPasswordWeakness.WordsOf("ada.lovelace+home@mail.example-shop.com");

    [Theory]
    [InlineData("correct horse battery")]
    [InlineData("sixteen_letters!")]
    [InlineData("a:b{BLF-CRYPT}/%u\\\"'c")]
    [InlineData("one mule, two owls, six newts, nine crabs, all of them late for a picnic")] // 72
    public void TryTake_PrintableAscii_IsTakenUnchanged(string text)
    {
        Assert.Equal(text, Taken(text));
        Assert.Equal(text, Taken(text + "\n")); // as `echo` and most editors write it
        Assert.Equal(text, Taken(text + "\r\n"));
    }

    [Theory]
    [InlineData("", "16 to 72 bytes")]
    [InlineData("fifteen_letters", "16 to 72 bytes")]
    [InlineData("fifteen_letters\n", "16 to 72 bytes")]
    [InlineData("sixteen_letters!sixteen_letters!sixteen_letters!sixteen_letters!sixteen_l", "16 to 72 bytes")]
    [InlineData("two breaks at its end\n\n", "printable")]
    [InlineData("a carriage return\r", "printable")]
    [InlineData("tab\tin the middle", "printable")]
    [InlineData("nul\0in the middle of it", "printable")]
    [InlineData("not in ASCII: größer", "printable")]
    [InlineData("delete \x7f is not printable", "printable")]
    [InlineData(" begins with a space", "space")]
    [InlineData("ends with a space \n", "space")]
    public void TryTake_OtherText_NamesTheRuleWithoutTheValue(string text, string rule)
    {
        Assert.False(
            ChosenPassword.TryTake(
                Encoding.UTF8.GetBytes(text), Words, out AppPassword? password, out string? broken));

        Assert.Null(password);
        Assert.Contains(rule, broken);
        Assert.DoesNotContain(text.Split(' ')[0].Trim() is { Length: > 3 } word ? word : "\0", broken);
    }

    [Fact]
    public void TryTake_Value_IsCopied()
    {
        byte[] value = "correct horse battery"u8.ToArray();
        Assert.True(ChosenPassword.TryTake(value, Words, out AppPassword? password, out _));

        password.Dispose();

        Assert.Equal((byte)'c', value[0]);
    }

    private static string Taken(string text)
    {
        Assert.True(
            ChosenPassword.TryTake(
                Encoding.UTF8.GetBytes(text), Words, out AppPassword? password, out string? broken),
            broken);
        using (password)
        {
            return password.Reveal();
        }
    }
}
