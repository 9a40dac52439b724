using System.Text;
using MailOperator.Passwords;
using MailOperator.Portal.Claims;

namespace MailOperator.UnitTests.Portal;

public sealed class ClaimSealTests
{
    private const string Text = "abc123Secret-part-of-it";

    private readonly LinkToken _token = Links.NewToken();

    [Fact]
    public void Open_WhatWasSealed_IsTheSame()
    {
        string sealedText = ClaimSeal.Seal(_token, ClaimOf("claim1", Links.Now.AddMinutes(30)));

        using BrowserClaim opened = ClaimSeal.Open(_token, sealedText)!;
        Assert.Equal(
            ("claim1", Links.Now, Links.Now.AddMinutes(30), Text),
            (opened.ClaimId, opened.ClaimedAt, opened.ShownUntil, opened.Password!.Reveal()));
    }

    [Fact]
    public void Open_NotShownYet_HasNoEnd()
    {
        using BrowserClaim opened = ClaimSeal.Open(_token, ClaimSeal.Seal(_token, ClaimOf("claim1")))!;

        Assert.Null(opened.ShownUntil);
    }

    [Fact]
    public void Open_OfAPasswordThatOnlyThePersonKnows_HasNone()
    {
        using BrowserClaim opened = ClaimSeal.Open(
            _token, ClaimSeal.Seal(_token, new BrowserClaim("claim1", Links.Now, null, password: null)))!;

        Assert.Equal(("claim1", (AppPassword?)null), (opened.ClaimId, opened.Password));
    }

    [Fact]
    public void Open_OfAnotherLink_IsNothing() =>
        Assert.Null(ClaimSeal.Open(Links.NewToken(), ClaimSeal.Seal(_token, ClaimOf("claim1"))));

    [Fact]
    public void Open_MovedToAnotherClaim_IsNothing() =>
        // Mutant: the id is not authenticated.
        Assert.Null(ClaimSeal.Open(
            _token, ClaimSeal.Seal(_token, ClaimOf("claim1")).Replace("claim1.", "claim2.", StringComparison.Ordinal)));

    [Fact]
    public void Open_AnyCharacterChanged_IsNothing()
    {
        string sealedText = ClaimSeal.Seal(_token, ClaimOf("claim1"));

        Assert.All(Enumerable.Range(0, sealedText.Length - 1), at => // the last character has spare bits
            Assert.Null(ClaimSeal.Open(
                _token, $"{sealedText[..at]}{(sealedText[at] == 'A' ? 'B' : 'A')}{sealedText[(at + 1)..]}")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("claim1.")]
    [InlineData("claim1.AAAA")]
    [InlineData("claim1.!!!!")]
    [InlineData("cläim.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Open_Nonsense_IsNothing(string? text) => Assert.Null(ClaimSeal.Open(_token, text));

    [Fact]
    public void Seal_Twice_IsNotTheSameText()
    {
        string first = ClaimSeal.Seal(_token, ClaimOf("claim1"));

        Assert.NotEqual(first, ClaimSeal.Seal(_token, ClaimOf("claim1"))); // mutant: a fixed nonce
        Assert.DoesNotContain("Secret", first, StringComparison.Ordinal);
    }

    private static BrowserClaim ClaimOf(string id, DateTimeOffset? shownUntil = null) =>
        new(id, Links.Now, shownUntil, new AppPassword(Encoding.ASCII.GetBytes(Text)));
}
