using MailOperator.Api;
using MailOperator.Passwords;
using MailOperator.Portal.Claims;
using static MailOperator.UnitTests.Portal.Links;

namespace MailOperator.UnitTests.Portal;

public sealed class LinkStateTests
{
    private const string Mine = "mine";
    private readonly string _token = NewText();

    [Fact]
    public void Judge_ReadyAndUnclaimed_IsOpen() => Assert.Equal(new LinkState.Open(HasFailed: false), Judge());

    [Fact]
    public void Judge_Unknown_IsUnusable() => Assert.IsType<LinkState.Unusable>(LinkState.Judge(null, Held(), Now));

    [Fact]
    public void Judge_BeingDeleted_IsUnusable()
    {
        DeviceInvitation invitation = Invitation(_token);
        invitation.Metadata.DeletionTimestamp = Now.UtcDateTime;

        Assert.IsType<LinkState.Unusable>(LinkState.Judge(invitation, null, Now));
    }

    [Theory]
    [InlineData("False")]
    [InlineData("Unknown")]
    public void Judge_NotReady_IsUnusable(string ready) =>
        Assert.IsType<LinkState.Unusable>(Judge(status => status.Conditions = [Is(ConditionTypes.Ready, ready, Reasons.NotAllowed)]));

    [Fact]
    public void Judge_PastItsEnd_IsUnusableBeforeTheOperatorSaysSo()
    {
        Assert.IsType<LinkState.Unusable>(Judge(status => status.ExpiresAt = Now));
        Assert.IsType<LinkState.Unusable>(Judge(status => status.ExpiresAt = null));
        Assert.IsType<LinkState.Open>(Judge(status => status.ExpiresAt = Now.AddSeconds(1)));
    }

    [Fact]
    public void Judge_ClaimLostWithTheStatus_IsUnusable() => Assert.IsType<LinkState.Unusable>(Judge(status =>
        status.Conditions = [Is(ConditionTypes.Ready, "True", Reasons.Claimed), Is(ConditionTypes.Claimed, "True", Reasons.Claimed)]));

    [Fact]
    public void Judge_NoOffer_IsUnusable() => Assert.IsType<LinkState.Unusable>(Judge(status => status.Offer = null));

    [Fact]
    public void Judge_ClaimedByAnother_IsUnusable()
    {
        Assert.IsType<LinkState.Unusable>(Judge(status => Claim(status, "other", Is(ConditionTypes.Claimed, "True", Reasons.Claimed)), Held()));
        Assert.IsType<LinkState.Unusable>(Judge(status => Claim(status, "other", Is(ConditionTypes.Claimed, "True", Reasons.Claimed)))); // no cookie
        Assert.IsType<LinkState.Unusable>(Judge(status => Claim(status, "other", Is(ConditionTypes.Ready, "True", Reasons.LinkReady)))); // not seen by the operator yet
    }

    [Theory]
    [InlineData(null, null, Delay.None)]
    [InlineData("Unknown", Reasons.Pending, Delay.None)]
    [InlineData("False", Reasons.Pending, Delay.None)]
    [InlineData("False", Reasons.BackendUnavailable, Delay.MailServerAway)]
    [InlineData("False", Reasons.BackendUnauthorized, Delay.MailServerAway)]
    [InlineData("False", Reasons.NotAllowed, Delay.Refused)]
    [InlineData("False", Reasons.QuotaExceeded, Delay.Refused)]
    public void Judge_ClaimedByThisBrowser_WaitsAndSaysForWhat(string? claimed, string? reason, object expected) =>
        Assert.Equal(
            new LinkState.Waiting((Delay)expected),
            Judge(status => Claim(status, Mine, claimed is null ? [] : [Is(ConditionTypes.Claimed, claimed, reason!)]), Held()));

    [Fact]
    public void Judge_ClaimRefusedForGood_IsUnusable() =>
        Assert.IsType<LinkState.Unusable>(Judge(status => Claim(status, Mine, Is(ConditionTypes.Claimed, "False", Reasons.ClaimRefused)), Held()));

    [Fact]
    public void Judge_Accepted_IsShownUntilItsEnd()
    {
        void Accepted(DeviceInvitationStatus status) => Claim(status, Mine, Is(ConditionTypes.Claimed, "True", Reasons.Claimed));

        Assert.IsType<LinkState.Accepted>(Judge(Accepted, Held()));
        Assert.IsType<LinkState.Accepted>(Judge(Accepted, Held(shownUntil: Now.AddSeconds(1))));
        Assert.IsType<LinkState.Unusable>(Judge(Accepted, Held(shownUntil: Now))); // mutant: only the browser's own clock ends it
    }

    [Fact]
    public void Judge_AcceptedAfterTheLinkExpired_IsShownAllTheSame() => Assert.IsType<LinkState.Accepted>(Judge(
        status =>
        {
            status.ExpiresAt = Now.AddDays(-1);
            Claim(status, Mine, Is(ConditionTypes.Claimed, "True", Reasons.Claimed), Is(ConditionTypes.Ready, "False", Reasons.Expired));
        },
        Held()));

    [Fact]
    public void Judge_OwnClaimNotSeenYet_IsBelievedForAMinute()
    {
        // The claim is written, and the watch of this replica has not told of it.
        Assert.Equal(new LinkState.Waiting(Delay.None), Judge(held: Held(age: TimeSpan.FromSeconds(59))));
        Assert.Equal(new LinkState.Open(HasFailed: true), Judge(held: Held(age: TimeSpan.FromSeconds(60))));
    }

    private LinkState Judge(Action<DeviceInvitationStatus>? change = null, HeldPassword? held = null) =>
        LinkState.Judge(Invitation(_token, change: change), held, Now);

    private static HeldPassword Held(DateTimeOffset? shownUntil = null, TimeSpan age = default) =>
        new(Mine, Now - age, shownUntil, new AppPassword("0123456789abcdef"u8.ToArray()));
}
