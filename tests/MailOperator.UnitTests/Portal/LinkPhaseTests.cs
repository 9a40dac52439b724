using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.Passwords;
using MailOperator.Portal.Claims;
using static MailOperator.UnitTests.Portal.Links;

namespace MailOperator.UnitTests.Portal;

public sealed class LinkPhaseTests
{
    private const string Mine = "mine";
    private readonly string _token = NewText();

    [Fact]
    public void Of_ReadyAndUnclaimed_IsOpen() => Assert.Equal(new LinkPhase.Open(HasFailed: false), PhaseOf());

    [Fact]
    public void Of_Unknown_IsUnusable() => Assert.IsType<LinkPhase.Unusable>(LinkPhase.Of(null, OwnClaim(), Now));

    [Fact]
    public void Of_BeingDeleted_IsUnusable()
    {
        DeviceInvitation invitation = Invitation(_token);
        invitation.Metadata.DeletionTimestamp = Now.UtcDateTime;

        Assert.IsType<LinkPhase.Unusable>(LinkPhase.Of(invitation, null, Now));
    }

    [Theory]
    [InlineData("False")]
    [InlineData("Unknown")]
    public void Of_NotReady_IsUnusable(string ready) =>
        Assert.IsType<LinkPhase.Unusable>(
            PhaseOf(status => status.Conditions = [Is(ConditionTypes.Ready, ready, Reasons.NotAllowed)]));

    [Fact]
    public void Of_Expired_IsUnusableBeforeTheOperatorSaysSo()
    {
        Assert.IsType<LinkPhase.Unusable>(PhaseOf(status => status.ExpiresAt = Now));
        Assert.IsType<LinkPhase.Unusable>(PhaseOf(status => status.ExpiresAt = null));
        Assert.IsType<LinkPhase.Open>(PhaseOf(status => status.ExpiresAt = Now.AddSeconds(1)));
    }

    [Fact]
    public void Of_ClaimLostWithTheStatus_IsUnusable() => Assert.IsType<LinkPhase.Unusable>(PhaseOf(status =>
        status.Conditions =
            [Is(ConditionTypes.Ready, "True", Reasons.Claimed), Is(ConditionTypes.Claimed, "True", Reasons.Claimed)]));

    [Fact]
    public void Of_EndedByTheOperator_IsUnusableWhateverTheStatusSays()
    {
        // Mutant: the status alone counts. The page would take a password that the operator refuses.
        DeviceInvitation invitation = Invitation(_token);
        ClaimRecord record = ClaimRecord.Of(invitation.Metadata.Uid, claim: null, Now) with { End = ClaimEnd.Expired };
        invitation.Metadata.Annotations =
            new Dictionary<string, string> { [Annotations.ClaimRecord] = record.ToText() };

        Assert.IsType<LinkPhase.Unusable>(LinkPhase.Of(invitation, null, Now));
    }

    [Fact]
    public void Of_NoOffer_IsUnusable() => Assert.IsType<LinkPhase.Unusable>(PhaseOf(status => status.Offer = null));

    [Fact]
    public void Of_ClaimedByAnother_IsUnusable()
    {
        Assert.IsType<LinkPhase.Unusable>(
            PhaseOf(status => Claim(status, "other", Is(ConditionTypes.Claimed, "True", Reasons.Claimed)), OwnClaim()));
        // No cookie.
        Assert.IsType<LinkPhase.Unusable>(
            PhaseOf(status => Claim(status, "other", Is(ConditionTypes.Claimed, "True", Reasons.Claimed))));
        // Not seen by the operator yet.
        Assert.IsType<LinkPhase.Unusable>(
            PhaseOf(status => Claim(status, "other", Is(ConditionTypes.Ready, "True", Reasons.LinkReady))));
    }

    [Theory]
    [InlineData(null, null, Delay.None)]
    [InlineData("Unknown", Reasons.Pending, Delay.None)]
    [InlineData("False", Reasons.Pending, Delay.None)]
    [InlineData("False", Reasons.BackendUnavailable, Delay.MailServerAway)]
    [InlineData("False", Reasons.BackendUnauthorized, Delay.MailServerAway)]
    [InlineData("False", Reasons.NotAllowed, Delay.Refused)]
    [InlineData("False", Reasons.QuotaExceeded, Delay.Refused)]
    public void Of_ClaimedByThisBrowser_WaitsAndSaysForWhat(string? claimed, string? reason, object expected) =>
        Assert.Equal(
            new LinkPhase.Waiting((Delay)expected),
            PhaseOf(
                status => Claim(status, Mine, claimed is null ? [] : [Is(ConditionTypes.Claimed, claimed, reason!)]),
                OwnClaim()));

    [Fact]
    public void Of_ClaimRefusedForGood_IsUnusable() =>
        Assert.IsType<LinkPhase.Unusable>(PhaseOf(
            status => Claim(status, Mine, Is(ConditionTypes.Claimed, "False", Reasons.ClaimRefused)), OwnClaim()));

    [Fact]
    public void Of_Accepted_IsShownUntilItsEnd()
    {
        void Accepted(DeviceInvitationStatus status) =>
            Claim(status, Mine, Is(ConditionTypes.Claimed, "True", Reasons.Claimed));

        Assert.IsType<LinkPhase.Accepted>(PhaseOf(Accepted, OwnClaim()));
        Assert.IsType<LinkPhase.Accepted>(PhaseOf(Accepted, OwnClaim(shownUntil: Now.AddSeconds(1))));
        // Mutant: only the cookie's max-age ends it.
        Assert.IsType<LinkPhase.Unusable>(PhaseOf(Accepted, OwnClaim(shownUntil: Now)));
    }

    /// <summary>Kills: a copy of the cookie that never ends; an end by the clock of the portal that claimed.</summary>
    [Theory]
    [InlineData(7 * 24 * 3600 - 1, true)]
    [InlineData(7 * 24 * 3600, false)]
    public void Of_NeverLookedAt_EndsByTheOperatorsTime(int seconds, bool isShown) => Assert.Equal(
        isShown,
        PhaseOf(
            status =>
            {
                Claim(status, Mine, Is(ConditionTypes.Claimed, "True", Reasons.Claimed));
                status.Claim!.At = Now.AddDays(isShown ? -30 : 30); // a portal whose clock is wrong
                status.ClaimedAt = Now.AddSeconds(-seconds);
            },
            OwnClaim()) is LinkPhase.Accepted);

    [Fact]
    public void Of_AcceptedAfterTheLinkExpired_IsStillShown() => Assert.IsType<LinkPhase.Accepted>(PhaseOf(
        status =>
        {
            status.ExpiresAt = Now.AddDays(-1);
            Claim(
                status, Mine, Is(ConditionTypes.Claimed, "True", Reasons.Claimed),
                Is(ConditionTypes.Ready, "False", Reasons.Expired));
        },
        OwnClaim()));

    [Fact]
    public void Of_OwnClaimNotSeenYet_WaitsForAMinute()
    {
        // The claim is written, but this replica's watch has not shown it yet.
        Assert.Equal(new LinkPhase.Waiting(Delay.None), PhaseOf(browserClaim: OwnClaim(age: TimeSpan.FromSeconds(59))));
        Assert.Equal(
            new LinkPhase.Open(HasFailed: true), PhaseOf(browserClaim: OwnClaim(age: TimeSpan.FromSeconds(60))));
    }

    private LinkPhase PhaseOf(Action<DeviceInvitationStatus>? change = null, BrowserClaim? browserClaim = null) =>
        LinkPhase.Of(Invitation(_token, change: change), browserClaim, Now);

    private static BrowserClaim OwnClaim(DateTimeOffset? shownUntil = null, TimeSpan age = default) =>
        new(Mine, Now - age, shownUntil, new AppPassword("0123456789abcdef"u8.ToArray()));
}
