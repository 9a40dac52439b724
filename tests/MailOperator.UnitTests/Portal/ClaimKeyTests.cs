using System.Security.Cryptography;
using System.Text;
using MailOperator.Api;
using MailOperator.Passwords;
using MailOperator.Portal.Claims;
using static MailOperator.UnitTests.Portal.Links;

namespace MailOperator.UnitTests.Portal;

/// <summary>
/// One browser and one link give one password. With only the link or only the nonce nobody can derive it.
/// </summary>
public sealed class ClaimKeyTests
{
    private static readonly OfferedPassword Offered = new() { Length = 32, Alphabet = PasswordAlphabet.Alphanumeric };

    private readonly LinkToken _token = NewToken();
    private readonly byte[] _nonce = RandomNumberGenerator.GetBytes(32);
    private readonly ClaimKey _key;

    public ClaimKeyTests() => _key = new ClaimKey(_token, _nonce);

    [Fact]
    public void Generate_SameLinkAndBrowser_IsTheSamePassword() =>
        Assert.Equal(_key.Generate(Offered).Reveal(), new ClaimKey(_token, [.. _nonce]).Generate(Offered).Reveal());

    [Fact]
    public void Generate_OtherLinkOrOtherBrowser_IsAnotherPassword()
    {
        // Mutants: derived from the token alone (which a proxy's log may show), or from the nonce alone.
        byte[] other = [.. _nonce];
        other[^1] ^= 1;

        Assert.Distinct(
        [
            _key.Generate(Offered).Reveal(),
            new ClaimKey(_token, other).Generate(Offered).Reveal(),
            new ClaimKey(NewToken(), _nonce).Generate(Offered).Reveal(),
        ]);
    }

    [Fact]
    public void IdOf_FitsTheSchema_AndNamesBrowserAndPassword()
    {
        string id = _key.IdOf(Typed("one of my own, thanks"));

        Assert.Matches("^[0-9a-f]{64}$", id);
        Assert.Equal(id, _key.IdOf(Typed("one of my own, thanks")));
        Assert.NotEqual(id, _key.IdOf(Typed("another of my own, thanks")));
        Assert.True(_key.HasMade(new InvitationClaim { Id = _key.IdOf(Typed("another of my own, thanks")) }));
        Assert.False(new ClaimKey(_token, RandomNumberGenerator.GetBytes(32)).HasMade(new InvitationClaim { Id = id }));
        // Mutant: the second half is a hash of the password alone, which anybody can guess offline.
        var other = new ClaimKey(_token, RandomNumberGenerator.GetBytes(32));
        Assert.NotEqual(id[32..], other.IdOf(Typed("one of my own, thanks"))[32..]);
    }

    [Fact]
    public void Recover_AGeneratedPassword_IsThatPassword()
    {
        AppPassword password = _key.Generate(Offered);

        using BrowserClaim recovered = _key.Recover(ClaimOf(password, isChosen: false), Offered)!;
        Assert.Equal(
            (_key.IdOf(password), Now, null, password.Reveal()),
            (recovered.ClaimId, recovered.ClaimedAt, recovered.ShownUntil, recovered.Password!.Reveal()));
    }

    [Fact]
    public void Recover_ATypedPassword_IsTheClaimWithoutIt()
    {
        using BrowserClaim recovered = _key.Recover(ClaimOf(Typed("one of my own, thanks"), isChosen: true), Offered)!;

        Assert.Null(recovered.Password);
    }

    [Fact]
    public void Recover_AnothersClaim_IsNothing() =>
        Assert.Null(new ClaimKey(_token, RandomNumberGenerator.GetBytes(32))
            .Recover(ClaimOf(_key.Generate(Offered), isChosen: false), Offered));

    [Fact]
    public void Recover_OtherPasswordsOfferedSince_IsNothing()
    {
        // Mutant: the password that today's offer gives is shown, and no mail server accepts it.
        InvitationClaim claim = ClaimOf(_key.Generate(Offered), isChosen: false);

        Assert.Null(_key.Recover(claim, new OfferedPassword { Length = 40, Alphabet = PasswordAlphabet.Alphanumeric }));
    }

    private static AppPassword Typed(string text) => new(Encoding.ASCII.GetBytes(text));

    private InvitationClaim ClaimOf(AppPassword password, bool isChosen) =>
        new() { Id = _key.IdOf(password), At = Now, IsChosen = isChosen };
}
