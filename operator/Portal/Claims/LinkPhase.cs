using MailOperator.Api;

namespace MailOperator.Portal.Claims;

/// <summary>What somebody who opens a link is shown: a closed set.</summary>
internal abstract record LinkPhase
{
    /// <summary>How long a claim that is not seen yet is believed to be on its way here from the API server.</summary>
    public static readonly TimeSpan MaxWatchLag = TimeSpan.FromMinutes(1);

    private LinkPhase()
    {
    }

    /// <summary>
    /// Decides, and only decides. Unknown, spent and expired links are one state, so that the page cannot tell them apart.
    /// </summary>
    public static LinkPhase Of(DeviceInvitation? invitation, BrowserClaim? browserClaim, DateTimeOffset now)
    {
        if (invitation is not { IsDeleting: false, Status: { Offer: not null } status })
        {
            return new Unusable();
        }

        Condition[] conditions = status.Conditions ?? [];
        if (status.Claim is { } claim)
        {
            return browserClaim is null || browserClaim.ClaimId != claim.Id || browserClaim.ShownUntil <= now ? new Unusable()
                : StatusConditions.Find(conditions, ConditionTypes.Claimed) is not { } claimed ? new Waiting(Delay.None)
                : claimed.Status == "True" ? new Accepted()
                : claimed.Reason == Reasons.ClaimRefused ? new Unusable() // nothing will come of it: only another link helps
                : new Waiting(DelayOf(claimed.Reason));
        }

        // Ready says of a claimed invitation that all is well: that link is spent, wherever its claim has gone.
        if (StatusConditions.Find(conditions, ConditionTypes.Ready)?.Status != "True" || StatusConditions.Find(conditions, ConditionTypes.Claimed) is not null || !(status.ExpiresAt > now))
        {
            return new Unusable();
        }

        return browserClaim is { ShownUntil: null } && now - browserClaim.ClaimedAt < MaxWatchLag ? new Waiting(Delay.None) : new Open(HasFailed: browserClaim is not null);
    }

    private static Delay DelayOf(string reason) => reason switch
    {
        Reasons.Pending or Reasons.Claimed => Delay.None,
        Reasons.BackendUnavailable or Reasons.BackendUnauthorized or Reasons.MailServerUnreachable => Delay.MailServerAway,
        _ => Delay.Refused,
    };

    /// <summary>Never valid, spent by somebody else, expired, or withdrawn.</summary>
    public sealed record Unusable : LinkPhase;

    /// <param name="HasFailed">A claim of this browser did not arrive.</param>
    public sealed record Open(bool HasFailed) : LinkPhase;

    /// <summary>Claimed by this browser; the mail server has not accepted the password yet.</summary>
    public sealed record Waiting(Delay Delay) : LinkPhase;

    /// <summary>The password is valid and may be shown.</summary>
    public sealed record Accepted : LinkPhase;
}
