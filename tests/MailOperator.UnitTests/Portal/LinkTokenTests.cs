using MailOperator.Portal.Claims;

namespace MailOperator.UnitTests.Portal;

public sealed class LinkTokenTests
{
    [Fact]
    public void TryParse_ALink_HasTheHashOfItsText()
    {
        // sha256sum of the text; mutant: the hash of the bytes.
        Assert.True(LinkToken.TryParse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", out LinkToken? token));

        Assert.Equal("ea866a757e4c38babfa8127cbe9a409d3e1f93a00ff1488ff735fcf917afffd0", token.Hash);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh")] // a character short
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")] // padded
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9")] // the same bytes with other unused bits
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+")] // base64 that is not base64url
    [InlineData("../../../../../../../../../../../etc/passwd")]
    public void TryParse_AnythingElse_IsNone(string? text) => Assert.False(LinkToken.TryParse(text, out _));

    [Fact]
    public void DeriveKey_OfOtherPurposeOrToken_IsAnother()
    {
        LinkToken token = Links.NewToken();

        Assert.Equal(token.DeriveKey("a"), token.DeriveKey("a"));
        Assert.NotEqual(token.DeriveKey("a"), token.DeriveKey("b"));
        Assert.NotEqual(token.DeriveKey("a"), Links.NewToken().DeriveKey("a"));
    }

    [Fact]
    public void ToString_ShowsNothing() => Assert.Equal("***", Links.NewToken().ToString());
}
