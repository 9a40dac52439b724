using MailOperator.Api;
using MailOperator.DeviceInvitations.Delivery;

namespace MailOperator.UnitTests.DeviceInvitations;

public sealed class DeliveryPlannerTests
{
    private static readonly DeliveryFacts Sent = Invitations.Owed with
    {
        SentTo = "ada@example.org",
        LastAttempt = Invitations.Now.AddSeconds(-20),
    };

    [Fact]
    public void DueAt_NothingTried_IsNow() => Assert.Equal(Invitations.Now, DueAt(Invitations.Owed));

    [Fact]
    public void DueAt_Sent_IsNever()
    {
        Assert.Null(DueAt(Sent));
        Assert.Null(DueAt(null));
        Assert.Null(DueAt(Invitations.Owed with { Problem = "No relay." }));
    }

    [Theory]
    [InlineData(1, 61)]
    [InlineData(2, 121)]
    [InlineData(3, 241)]
    [InlineData(30, 3601)]
    public void DueAt_AfterFailedAttempts_IsLaterEachTime(int attempts, int seconds) => Assert.Equal(
        Invitations.Now.AddSeconds(seconds),
        DueAt(Invitations.Owed with { Attempts = attempts, LastAttempt = Invitations.Now }));

    [Fact]
    public void DueAt_ResendAskedFor_IsAMinuteAfterTheLastMail()
    {
        Assert.Equal(
            Sent.LastAttempt!.Value.AddSeconds(61), DueAt(Sent with { ResendToken = "two", HandledResend = "one" }));
        Assert.Null(DueAt(Sent with { ResendToken = "one", HandledResend = "one" }));
        Assert.Null(DueAt(Sent with { ResendToken = "", HandledResend = "one" })); // the annotation was removed
    }

    [Fact]
    public void DueAt_AnotherAddress_IsMailedAgain() => Assert.NotNull(DueAt(Sent with { To = "ada@example.net" }));

    [Fact]
    public void Condition_Result_SaysWhatTheRelayDid()
    {
        Condition taken = DeliveryPlanner.Condition(Sent, new DeliveryResult(null, "relay:587"), Invitations.Now);
        Condition refused = DeliveryPlanner.Condition(
            Invitations.Owed with { Attempts = 1 }, new DeliveryResult("relay:587 hung up", "relay:587"),
            Invitations.Now);

        Assert.Equal(("True", Reasons.Delivered), (taken.Status, taken.Reason));
        Assert.Equal(("False", Reasons.DeliveryFailed), (refused.Status, refused.Reason));
        Assert.Contains("after 1m", refused.Message);
    }

    private static DateTimeOffset? DueAt(DeliveryFacts? delivery) => DeliveryPlanner.DueAt(delivery, Invitations.Now);
}
