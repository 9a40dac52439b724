using MailOperator.Api;
using MailOperator.Portal.Claims;

namespace MailOperator.Portal;

/// <summary>A request for a link: what the cluster knows of the link, and what the browser sent.</summary>
internal sealed class LinkRequest : IDisposable
{
    /// <summary>When the request came in.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Null if the path does not end with a well-formed token.</summary>
    public LinkToken? Token { get; init; }

    /// <summary>Null if no invitation has this link.</summary>
    public DeviceInvitation? Invitation { get; init; }

    /// <summary>The browser's nonce; null if it has none yet.</summary>
    public byte[]? Nonce { get; init; }

    /// <summary>This browser's claim, from its cookie or recovered; null if it has made none.</summary>
    public BrowserClaim? BrowserClaim { get; init; }

    /// <summary>This browser made the claim but never received the answer, so the cookie has to be set again.</summary>
    public bool IsRecovered { get; init; }

    /// <summary>What the person is shown.</summary>
    public required LinkPhase Phase { get; init; }

    /// <summary>What the invitation offers. Only valid in a phase other than Unusable.</summary>
    public InvitationOffer Offer => Invitation!.Status!.Offer!;

    public void Dispose() => BrowserClaim?.Dispose();
}
