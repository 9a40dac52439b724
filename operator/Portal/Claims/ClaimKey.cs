using System.Security.Cryptography;
using MailOperator.Api;
using MailOperator.Passwords;

namespace MailOperator.Portal.Claims;

/// <summary>
/// What one browser's claim of one link comes from: the link's token, and the nonce that this browser alone has. So a form that
/// is sent again because its answer was lost on the way gives the same claim and the same password, and nothing is kept here.
/// </summary>
internal sealed class ClaimKey(LinkToken token, byte[] nonce)
{
    private const int PartBytes = 16;

    private readonly string _browser = Convert.ToHexStringLower(token.DeriveKey("claim", nonce).AsSpan(0, PartBytes));

    /// <summary>
    /// The id of this browser's claim of a password: its first half is the browser's, its second the password's. It tells
    /// nobody anything of the password who has not both the link and the nonce.
    /// </summary>
    public string IdOf(AppPassword password) =>
        _browser + Convert.ToHexStringLower(HMACSHA256.HashData(token.DeriveKey("claim of a password", nonce), password.Bytes).AsSpan(0, PartBytes));

    /// <summary>Whether this browser made the claim, with whatever password.</summary>
    public bool HasMade(InvitationClaim claim) => claim.Id.StartsWith(_browser, StringComparison.Ordinal);

    /// <summary>The one generated password of this browser and this link.</summary>
    public AppPassword Generate(OfferedPassword? offer)
    {
        byte[] seed = token.DeriveKey("password", nonce);
        AppPassword password = PasswordGenerator.Derive(
            seed, offer?.Length ?? PasswordGenerator.DefaultLength, offer?.Alphabet ?? PasswordAlphabet.Alphanumeric);
        CryptographicOperations.ZeroMemory(seed);
        return password;
    }

    /// <summary>What this browser took with its claim, though it got no answer; null if the claim is another's.</summary>
    public BrowserClaim? Recover(InvitationClaim claim, OfferedPassword? offer)
    {
        if (!HasMade(claim))
        {
            return null;
        }

        AppPassword generated = Generate(offer);
        return IdOf(generated) == claim.Id ? new BrowserClaim(claim.Id, claim.At, shownUntil: null, generated)
            : claim.IsChosen ? new BrowserClaim(claim.Id, claim.At, shownUntil: null, password: null)
            : null; // other passwords are offered since
    }
}
