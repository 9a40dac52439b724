using CsCheck;
using MailOperator.Api;

namespace MailOperator.UnitTests.Api;

public sealed class MailboxAddressTests
{
    private static readonly string Label63 = new('a', 63);

    public static TheoryData<string> AtTheLimits =>
    [
        $"{new string('a', 64)}@example.com",
        $"a@{Label63}.example",
        $"{new string('a', 64)}@{string.Join('.', Enumerable.Repeat(Label63, 2))}.{new string('b', 61)}", // 254 in all
        "a@1.2.3.4",
        "a@xn--mnchen-3ya.de",
        ".a..b.@example.com", // unusual, but no store gives it a meaning
    ];

    public static TheoryData<string> Beyond =>
    [
        $"{new string('a', 65)}@example.com",
        $"a@{Label63}a.example",
        $"{new string('a', 64)}@{string.Join('.', Enumerable.Repeat(Label63, 2))}.{new string('b', 62)}",
        "",
        "a",
        "a@",
        "a@.example.com",
        "a@example..com",
        "a@example.com.",
        "a@example-.com",
        "a@ex_ample.com",
        "m\u00FCller@example.com", // not every store supports it, and it has two encodings
        "a@m\u00FCnchen.de",
        "\u212Aim@example.com", // the Kelvin sign: k in lower case
        "a@example.com\u0000",
        "a\u0000@example.com",
        "a@example.com\r",
        "a*@example.com", // a star is a wildcard in a grant
        "a,b@example.com", // a comma separates networks in allow_nets
        "a=\"b\"@example.com",
        "a\\b@example.com",
        "a#b@example.com",
        "a{b}@example.com",
        "a'b@example.com",
        "a@[127.0.0.1]",
        "a@example.com/x",
    ];

    [Theory]
    [MemberData(nameof(AtTheLimits))]
    public void IsValid_AtTheLimits_IsTaken(string mailbox) => Assert.True(MailboxAddress.IsValid(mailbox));

    [Theory]
    [MemberData(nameof(Beyond))]
    public void IsValid_Beyond_IsNot(string mailbox) => Assert.False(MailboxAddress.IsValid(mailbox));

    [Fact]
    public void IsValid_AnyText_HasNoSeparators() =>
        Gen.String[Gen.Char["ab.@/:{}#%\n\r\t \0,*"], 1, 12].Sample(static text =>
            !MailboxAddress.IsValid(text) || !text.Any("/:{}#%\n\r\t \0,*".Contains));

    [Theory]
    [InlineData("Shop@Example.COM", "shop@example.com", "Shop@example.com")]
    [InlineData("a@b", "a@b", "a@b")]
    public void Normalize_And_Username_DifferInTheLocalPartAlone(string mailbox, string normal, string username)
    {
        Assert.Equal(normal, MailboxAddress.Normalize(mailbox));
        Assert.Equal(username, MailboxAddress.Username(mailbox));
    }
}
