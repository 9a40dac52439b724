using MailOperator.Api;
using MailOperator.Portal.Claims;

namespace MailOperator.Portal;

/// <summary>What is needed to answer: a link as the cluster and as the browser know it.</summary>
internal sealed class LinkRequest : IDisposable
{
    /// <summary>Null if no link can end like that.</summary>
    public LinkToken? Token { get; private init; }

    /// <summary>Null if there is none with this link.</summary>
    public DeviceInvitation? Invitation { get; private init; }

    /// <summary>The browser's; null if it has none yet.</summary>
    public byte[]? Nonce { get; private init; }

    /// <summary>The password that this browser has claimed, from its cookie or recovered.</summary>
    public BrowserClaim? BrowserClaim { get; private init; }

    /// <summary>The browser made the claim and never got the answer: the password is to be given to it.</summary>
    public bool IsRecovered { get; private init; }

    /// <summary>What the person is shown.</summary>
    public required LinkPhase Phase { get; init; }

    public InvitationOffer Offer => Invitation!.Status!.Offer!;

    public static LinkRequest Of(string text, HttpContext context, PortalServices portal)
    {
        DateTimeOffset now = portal.Clock.GetUtcNow();
        if (!LinkToken.TryParse(text, out LinkToken? token) || portal.Index.Find(token) is not { } invitation)
        {
            return new LinkRequest { Token = token, Phase = LinkPhase.Of(null, null, now) };
        }

        bool isBehindTls = portal.Options.IsBehindTls;
        byte[]? nonce = ClaimCookies.ReadNonce(context, token, isBehindTls);
        BrowserClaim? kept = ClaimCookies.ReadClaim(context, token, isBehindTls);
        BrowserClaim? recovered = nonce is not null && invitation.Status is { Claim: { } claim, Offer: { } offer }
            && claim.Id != kept?.ClaimId && now - claim.At < ClaimCookies.ShownFor
                ? new ClaimKey(token, nonce).Recover(claim, offer.Password)
                : null;
        if (recovered is not null)
        {
            kept?.Dispose(); // of a claim that did not come to be
        }

        return new LinkRequest
        {
            Token = token,
            Invitation = invitation,
            Nonce = nonce,
            BrowserClaim = recovered ?? kept,
            IsRecovered = recovered is not null,
            Phase = LinkPhase.Of(invitation, recovered ?? kept, now),
        };
    }

    public void Dispose() => BrowserClaim?.Dispose();
}
