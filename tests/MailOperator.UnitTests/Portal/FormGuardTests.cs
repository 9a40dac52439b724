using System.Buffers.Text;
using System.Security.Cryptography;
using MailOperator.Portal.Claims;
using Microsoft.Extensions.Primitives;

namespace MailOperator.UnitTests.Portal;

public sealed class FormGuardTests
{
    private readonly LinkToken _token = Links.NewToken();

    [Fact]
    public void IsOurs_SignatureOfTheNonce_IsOurs()
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(32);

        Assert.True(FormGuard.IsOurs(_token, nonce, FormGuard.Sign(_token, nonce)));
        Assert.False(FormGuard.IsOurs(_token, RandomNumberGenerator.GetBytes(32), FormGuard.Sign(_token, nonce)));
        Assert.False(FormGuard.IsOurs(Links.NewToken(), nonce, FormGuard.Sign(_token, nonce)));
        // Mutant: compares with the cookie itself, without a signature.
        Assert.False(FormGuard.IsOurs(_token, nonce, Base64Url.EncodeToString(nonce)));
        Assert.False(FormGuard.IsOurs(_token, nonce, null));
        Assert.False(FormGuard.IsOurs(_token, null, FormGuard.Sign(_token, [])));
    }

    [Theory]
    [InlineData("same-origin", "https://devices.example.com", true)]
    [InlineData("same-origin", "null", true)] // because of our no-referrer
    [InlineData(null, "null", true)]
    [InlineData(null, null, true)] // an old browser: only the signature protects
    [InlineData("cross-site", "null", false)]
    [InlineData("same-site", "https://devices.example.com", false)]
    [InlineData("same-origin", "https://evil.example.com", false)]
    [InlineData(null, "http://devices.example.com", false)]
    public void IsFromHere_ByWhatTheBrowserSays(string? site, string? origin, bool expected) =>
        Assert.Equal(expected, FormGuard.IsFromHere(Header(site), Header(origin), "https://devices.example.com"));

    private static StringValues Header(string? value) => value is null ? StringValues.Empty : new StringValues(value);
}
