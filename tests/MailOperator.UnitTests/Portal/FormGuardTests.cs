using MailOperator.Portal.Claims;
using Microsoft.Extensions.Primitives;

namespace MailOperator.UnitTests.Portal;

public sealed class FormGuardTests
{
    private readonly PresentedToken _token = Links.NewToken();

    [Fact]
    public void IsOurs_SignatureOfTheNonce_IsOurs()
    {
        string nonce = FormGuard.NewNonce();

        Assert.True(FormGuard.IsOurs(_token, nonce, FormGuard.Sign(_token, nonce)));
        Assert.False(FormGuard.IsOurs(_token, FormGuard.NewNonce(), FormGuard.Sign(_token, nonce)));
        Assert.False(FormGuard.IsOurs(Links.NewToken(), nonce, FormGuard.Sign(_token, nonce)));
        Assert.False(FormGuard.IsOurs(_token, nonce, nonce)); // mutant: a double submit without signature
        Assert.False(FormGuard.IsOurs(_token, nonce, null));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void IsOurs_NoCookie_IsNot(string? nonce) => Assert.False(FormGuard.IsOurs(_token, nonce, FormGuard.Sign(_token, nonce ?? "")));

    [Theory]
    [InlineData("same-origin", "https://devices.example.com", true)]
    [InlineData("same-origin", "null", true)] // our own no-referrer makes browsers say so
    [InlineData(null, "null", true)]
    [InlineData(null, null, true)] // an old browser; the signature has to do
    [InlineData("cross-site", "null", false)]
    [InlineData("same-site", "https://devices.example.com", false)]
    [InlineData("same-origin", "https://evil.example.com", false)]
    [InlineData(null, "http://devices.example.com", false)]
    public void IsFromHere_ByWhatTheBrowserSays(string? site, string? origin, bool expected) =>
        Assert.Equal(expected, FormGuard.IsFromHere(Header(site), Header(origin), "https://devices.example.com"));

    private static StringValues Header(string? value) => value is null ? StringValues.Empty : new StringValues(value);
}
