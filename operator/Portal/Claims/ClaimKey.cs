using System.Security.Cryptography;
using MailOperator.Api;
using MailOperator.Passwords;

namespace MailOperator.Portal.Claims;

/// <summary>
/// Derives one browser's claim of one link from the link's token and from a nonce that only this browser has. A form
/// that is sent again because its answer was lost gives the same claim and the same password, and the portal stores
/// nothing.
/// </summary>
internal sealed class ClaimKey(LinkToken token, byte[] nonce)
{
    private const int PartBytes = 16;

    private readonly string _browser = Convert.ToHexStringLower(token.DeriveKey("claim", nonce).AsSpan(0, PartBytes));

    /// <summary>
    /// The id of this browser's claim with this password. The first half depends on the browser, the second half on the
    /// password too. Without both the link and the nonce it reveals nothing about the password.
    /// </summary>
    public string IdOf(AppPassword password)
    {
        byte[] mac = HMACSHA256.HashData(token.DeriveKey("claim of a password", nonce), password.Bytes);
        return _browser + Convert.ToHexStringLower(mac.AsSpan(0, PartBytes));
    }

    /// <summary>Whether this browser made the claim, with any password.</summary>
    public bool HasMade(InvitationClaim claim) => claim.Id.StartsWith(_browser, StringComparison.Ordinal);

    /// <summary>The generated password of this browser for this link: the same at every call.</summary>
    public AppPassword Generate(OfferedPassword? offer)
    {
        byte[] seed = token.DeriveKey("password", nonce);
        AppPassword password = PasswordGenerator.Derive(
            seed, offer?.Length ?? PasswordGenerator.DefaultLength, offer?.Alphabet ?? PasswordAlphabet.Alphanumeric);
        CryptographicOperations.ZeroMemory(seed);
        return password;
    }

    /// <summary>
    /// The claim of a browser that never received the answer to it. Null if another browser made the claim, or if the
    /// password cannot be derived any more.
    /// </summary>
    public BrowserClaim? Recover(InvitationClaim claim, OfferedPassword? offer)
    {
        if (!HasMade(claim))
        {
            return null;
        }

        AppPassword generated = Generate(offer);
        return IdOf(generated) == claim.Id ? new BrowserClaim(claim.Id, claim.At, shownUntil: null, generated)
            : claim.IsChosen ? new BrowserClaim(claim.Id, claim.At, shownUntil: null, password: null)
            : null; // the offer's length or alphabet has changed since
    }
}
