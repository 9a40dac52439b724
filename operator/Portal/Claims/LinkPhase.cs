using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.Reporting;

namespace MailOperator.Portal.Claims;

/// <summary>What a person who opens a link is shown: a closed set.</summary>
internal abstract record LinkPhase
{
    /// <summary>
    /// How long this browser's claim may be missing from the informer before it counts as failed. Until then the watch
    /// may just be late.
    /// </summary>
    public static readonly TimeSpan MaxWatchLag = TimeSpan.FromMinutes(1);

    private LinkPhase()
    {
    }

    /// <summary>
    /// A pure function. Unknown, spent and expired links give the same phase, so that the page cannot tell them apart.
    /// </summary>
    /// <param name="invitation">The link's invitation; null if there is none.</param>
    /// <param name="browserClaim">The claim of the browser that asks; null if it has made none.</param>
    /// <param name="now">The time.</param>
    public static LinkPhase Of(DeviceInvitation? invitation, BrowserClaim? browserClaim, DateTimeOffset now)
    {
        if (invitation is not { IsDeleting: false, Status: { Offer: not null } status })
        {
            return new Unusable();
        }

        if (status.Claim is { } claim)
        {
            return browserClaim is not null
                && browserClaim.ClaimId == claim.Id
                && !HasEnded(status, browserClaim, now)
                ? OfOwnClaim(Find(status, ConditionTypes.Claimed))
                : new Unusable();
        }

        // A status that somebody else wrote may call a link open that the operator has ended.
        if (!CanBeClaimed(status, now) || ClaimRecord.Of(invitation) is not null)
        {
            return new Unusable();
        }

        return browserClaim is { ShownUntil: null } && now - browserClaim.ClaimedAt < MaxWatchLag
            ? new Waiting(Delay.None)
            : new Open(HasFailed: browserClaim is not null);
    }

    /// <summary>When the claim was made: by the operator's clock; by the portal's until the operator saw it.</summary>
    public static DateTimeOffset? ClaimedAt(DeviceInvitationStatus status) => status.ClaimedAt ?? status.Claim?.At;

    // A cookie ends by the browser's clock, and a copy of it never.
    private static bool HasEnded(DeviceInvitationStatus status, BrowserClaim browserClaim, DateTimeOffset now) =>
        browserClaim.ShownUntil <= now || now - ClaimedAt(status) >= ClaimCookies.KeptWhileWaiting;

    /// <summary>The phase of a link that this browser has claimed.</summary>
    private static LinkPhase OfOwnClaim(Condition? claimed) => claimed switch
    {
        null => new Waiting(Delay.None),
        { Status: nameof(ReadyStatus.True) } => new Accepted(),
        { Reason: Reasons.ClaimRefused } => new Unusable(), // final: only a new link helps
        { Reason: Reasons.Pending or Reasons.Claimed } => new Waiting(Delay.None),
        { Reason: Reasons.BackendUnavailable or Reasons.BackendUnauthorized or Reasons.MailServerUnreachable } =>
            new Waiting(Delay.MailServerAway),
        _ => new Waiting(Delay.Refused),
    };

    // Ready is True for a claimed invitation too. So a condition Claimed means that the link is spent, even if the
    // claim itself is missing from the status.
    private static bool CanBeClaimed(DeviceInvitationStatus status, DateTimeOffset now) =>
        Find(status, ConditionTypes.Ready).IsTrue()
        && Find(status, ConditionTypes.Claimed) is null
        && status.ExpiresAt > now;

    private static Condition? Find(DeviceInvitationStatus status, string type) =>
        StatusConditions.Find(status.Conditions ?? [], type);

    /// <summary>Unknown, spent by somebody else, expired, or withdrawn.</summary>
    public sealed record Unusable : LinkPhase;

    /// <summary>The link can be claimed.</summary>
    /// <param name="HasFailed">A claim of this browser was not written.</param>
    public sealed record Open(bool HasFailed) : LinkPhase;

    /// <summary>Claimed by this browser; the mail server has not accepted the password yet.</summary>
    public sealed record Waiting(Delay Delay) : LinkPhase;

    /// <summary>The password is valid and may be shown.</summary>
    public sealed record Accepted : LinkPhase;
}
