using MailOperator.Api;
using MailOperator.Portal.Claims;

namespace MailOperator.Portal;

/// <summary>Reads what a request says of a link: its token, its invitation, and the browser's cookies.</summary>
internal sealed class LinkReader(PortalOptions options, InvitationIndex index, TimeProvider clock)
{
    /// <param name="text">The last part of the link's path, as it came in.</param>
    /// <param name="context">The request.</param>
    public LinkRequest Read(string text, HttpContext context)
    {
        DateTimeOffset now = clock.GetUtcNow();
        if (!LinkToken.TryParse(text, out LinkToken? token) || index.Find(token) is not { } invitation)
        {
            return new LinkRequest { Now = now, Token = token, Phase = LinkPhase.Of(null, null, now) };
        }

        byte[]? nonce = ClaimCookies.ReadNonce(context, token, options.IsBehindTls);
        BrowserClaim? kept = ClaimCookies.ReadClaim(context, token, options.IsBehindTls);
        BrowserClaim? recovered = Recover(token, nonce, invitation, kept, now);
        if (recovered is not null)
        {
            kept?.Dispose(); // it is of a claim that was never written
        }

        return new LinkRequest
        {
            Now = now,
            Token = token,
            Invitation = invitation,
            Nonce = nonce,
            BrowserClaim = recovered ?? kept,
            IsRecovered = recovered is not null,
            Phase = LinkPhase.Of(invitation, recovered ?? kept, now),
        };
    }

    /// <summary>The claim that this browser made without receiving the answer; null if there is none.</summary>
    private static BrowserClaim? Recover(
        LinkToken token, byte[]? nonce, DeviceInvitation invitation, BrowserClaim? kept, DateTimeOffset now) =>
        nonce is not null
        && invitation.Status is { Claim: { } claim, Offer: { } offer }
        && claim.Id != kept?.ClaimId
        && now - LinkPhase.ClaimedAt(invitation.Status) < ClaimCookies.ShownFor
            ? new ClaimKey(token, nonce).Recover(claim, offer.Password)
            : null;
}
