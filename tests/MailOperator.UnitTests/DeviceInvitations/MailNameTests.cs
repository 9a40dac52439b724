using MailOperator.DeviceInvitations.Delivery;

namespace MailOperator.UnitTests.DeviceInvitations;

/// <summary>
/// Each row kills the mutant that leaves one way of writing an address alone, or one that changes a name.
/// </summary>
public sealed class MailNameTests
{
    [Theory]
    [InlineData("prize.example", "prize example")]
    [InlineData("go to prize.example now", "go to prize example now")]
    [InlineData("https://192.0.2.1/x", "https 192 0 2 1 x")]
    [InlineData("WWW.1", "WWW 1")]
    [InlineData("a@b", "a b")]
    [InlineData("a＠b", "a b")]
    [InlineData("prize。example", "prize example")]
    [InlineData("preis.exämple", "preis exämple")]
    [InlineData("prize.\u200Bexample", "prize. example")]
    [InlineData("prize.\u200Dexample", "prize \u200Dexample")]
    [InlineData("phone\r\nBcc: boss", "phone  Bcc: boss")]
    [InlineData("a\u202Ecod", "a cod")]
    public void Harmless_LooksLikeAnAddress_DoesNotAnyMore(string name, string expected) =>
        Assert.Equal(expected, MailName.Harmless(name));

    [Theory]
    [InlineData("Ada Lovelace")]
    [InlineData("J. R. R. Tolkien")]
    [InlineData("Prof. Dr. Müller")]
    [InlineData("Ada's <phone>")]
    [InlineData("iPhone 15.2")]
    [InlineData("Mail: 50 % / büro")]
    [InlineData("👩\u200D💻 laptop")]
    public void Harmless_Name_IsKept(string name) => Assert.Equal(name, MailName.Harmless(name));

    [Fact]
    public void Harmless_Message_IsCutToAName()
    {
        Assert.Equal(new string('a', 63) + "…", MailName.Harmless(new string('a', 65)));
        Assert.Equal(new string('a', 64), MailName.Harmless(new string('a', 64)));
        // No half of a pair.
        Assert.Equal(new string('a', 62) + "…", MailName.Harmless(new string('a', 62) + "👩" + "bb"));
    }
}
