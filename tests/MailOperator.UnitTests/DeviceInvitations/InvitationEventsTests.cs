using MailOperator.Api;
using MailOperator.DeviceInvitations;
using MailOperator.Reporting;

namespace MailOperator.UnitTests.DeviceInvitations;

public sealed class InvitationEventsTests
{
    [Theory]
    [InlineData("True", Reasons.LinkReady, true)]
    [InlineData("True", Reasons.Claimed, true)]
    [InlineData("False", Reasons.NotAllowed, true)]
    [InlineData("False", Reasons.Pending, false)] // the operator is at work
    [InlineData("False", Reasons.Revoked, false)] // somebody deleted it and knows
    [InlineData("Unknown", Reasons.Pending, false)]
    public void ToAnnounce_NewReady_DependsOnStatusAndReason(string status, string reason, bool isAnnounced)
    {
        Condition ready = Conditions.Of(ConditionTypes.Ready, Enum.Parse<ReadyStatus>(status), reason, "Why.");

        Assert.Equal(isAnnounced ? [ready] : [], InvitationEvents.ToAnnounce([], [ready]));
        Assert.Empty(InvitationEvents.ToAnnounce([ready], [ready])); // only once
    }

    [Theory]
    [InlineData("True", Reasons.LinkReady, false)] // mutant: the end of the link in the message makes an event
    [InlineData("False", Reasons.NotAllowed, true)] // another grant or field is at fault
    public void ToAnnounce_ReadyWithAnotherMessage_OnlyIfFalse(string status, string reason, bool isAnnounced)
    {
        Condition before = Conditions.Of(ConditionTypes.Ready, Enum.Parse<ReadyStatus>(status), reason, "Why.");
        Condition after = before with { Message = "Why else." };

        Assert.Equal(isAnnounced ? [after] : [], InvitationEvents.ToAnnounce([before], [after]));
    }

    [Fact]
    public void ToAnnounce_EveryResultOfAMail_ComesBeforeReady()
    {
        Condition ready = Conditions.True(ConditionTypes.Ready, Reasons.LinkReady, "Ready.");
        Condition pending = Conditions.Unknown(ConditionTypes.Delivered, Reasons.Pending, "Will be mailed.");
        Condition failed = Conditions.False(ConditionTypes.Delivered, Reasons.DeliveryFailed, "Attempt 1.");
        Condition failedAgain = failed with { Message = "Attempt 2." };
        Condition sent = Conditions.True(ConditionTypes.Delivered, Reasons.Delivered, "Sent.");

        Assert.Equal([ready], InvitationEvents.ToAnnounce([], [ready, pending]));
        Assert.Equal([failed, ready], InvitationEvents.ToAnnounce([], [ready, failed]));
        Assert.Equal([failedAgain], InvitationEvents.ToAnnounce([ready, failed], [ready, failedAgain]));
        Assert.Equal([sent], InvitationEvents.ToAnnounce([ready, failedAgain], [ready, sent]));
    }
}
