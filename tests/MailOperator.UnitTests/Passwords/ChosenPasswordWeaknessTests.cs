using System.Text;
using MailOperator.Passwords;

namespace MailOperator.UnitTests.Passwords;

/// <summary>Each row kills the mutant without the part of a rule that it is for.</summary>
public sealed class ChosenPasswordWeaknessTests
{
    private static readonly IReadOnlyList<string> Words = ChosenPasswordWeakness.WordsOf(
        "ada.lovelace+home@mail.example-shop.com", "Example Ltd", "imap.provider.net", null);

    [Theory]
    [InlineData("aaaaaaaaaaaaaaaa", ChosenPasswordRule.Rows)]
    [InlineData("abcdefgh12345678", ChosenPasswordRule.Rows)]
    [InlineData("hgfedcba87654321", ChosenPasswordRule.Rows)]
    [InlineData("ABCDefghIJKLmnop", ChosenPasswordRule.Rows)] // mutant: capitals begin another row
    [InlineData("aaaabbbbccccddddeeee", ChosenPasswordRule.Rows)]
    [InlineData("xk7xk7xk7xk7xk7xk7", ChosenPasswordRule.Rows)] // mutant: no repetitions
    [InlineData("kitten kitten kitten", ChosenPasswordRule.Rows)]
    [InlineData("~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~", ChosenPasswordRule.Rows)]
    [InlineData("x7k2m9q 12345678", ChosenPasswordRule.Rows)] // 9 pieces
    [InlineData("Passwort-Qwertz-!", ChosenPasswordRule.Common)]
    [InlineData("P@ssw0rd iloveyou", ChosenPasswordRule.Common)]
    [InlineData("qwertyuiopasdfghjkl", ChosenPasswordRule.Common)]
    [InlineData("Password!2Password!2", ChosenPasswordRule.Common)]
    [InlineData("ada@mail.example-shop.com", ChosenPasswordRule.Words)]
    [InlineData("my name is LOVELACE!", ChosenPasswordRule.Words)]
    [InlineData("welcome Home, mouse", ChosenPasswordRule.Words)]
    [InlineData("the Example of a cat", ChosenPasswordRule.Words)]
    [InlineData("some provider in town", ChosenPasswordRule.Words)]
    public void Find_Weak_NamesTheRule(string text, object rule) => Assert.Equal((ChosenPasswordRule)rule, Find(text));

    [Theory]
    [InlineData("correct horse battery")]
    [InlineData("six random words are a good choice")]
    [InlineData("x7k2m9q4 1234567")] // 10 pieces; mutant: one more must be left
    [InlineData("sunshine over a muddy field")] // a well-known password among other words
    [InlineData("canada in december 2026")] // mutant: three letters of a name count
    [InlineData("e-mail comes by pigeon")] // mutant: what every host is called counts
    [InlineData("a .com without a net")] // mutant: the last name of a domain counts
    [InlineData("a:b{BLF-CRYPT}/%u\\\"'c")]
    public void Find_Strong_IsNothing(string text) => Assert.Null(Find(text));

    /// <summary>Kills a rule that refuses what a password manager makes, as short as can be.</summary>
    [Theory]
    [InlineData("0123456789", 20)] // of 10000
    [InlineData("0123456789abcdef", 5)]
    [InlineData("abcdefghijklmnopqrstuvwxyz0123456789", 0)]
    public void Find_Random_IsNothing(string alphabet, int mostRefused)
    {
        var random = new Random(7);
        int refused = Enumerable.Range(0, 10_000).Count(_ => Find(string.Concat(
            Enumerable.Range(0, 16).Select(_ => alphabet[random.Next(alphabet.Length)]))) is not null);

        Assert.InRange(refused, 0, mostRefused);
    }

    [Fact]
    public void Words_OfAnAddress_AreItsPartsWithoutTheShortAndTheUsual() => Assert.Equal(
        ["ada.lovelace+home", "lovelace", "home", "example-shop", "example", "provider"], Words);

    private static ChosenPasswordRule? Find(string text) =>
        ChosenPasswordWeakness.Find(Encoding.ASCII.GetBytes(text), Words);
}
