using MailOperator.Api;
using MailOperator.MailDevices.Status;
using MailOperator.Reporting;

namespace MailOperator.UnitTests.MailDevices;

public sealed class DeviceEventsTests
{
    private static readonly Condition Ready = Conditions.True(ConditionTypes.Ready, Reasons.Issued, "Works.");
    private static readonly Condition Down =
        Conditions.False(ConditionTypes.Ready, Reasons.BackendUnavailable, "No route.");

    [Theory]
    [InlineData("False", Reasons.BackendUnavailable, true, true)]
    [InlineData("False", Reasons.Expired, true, true)]
    [InlineData("False", Reasons.Paused, true, true)] // it was in trouble before it was paused
    [InlineData("True", Reasons.Paused, true, false)]
    [InlineData("Unknown", Reasons.Paused, true, false)]
    [InlineData("False", Reasons.Suspended, true, false)]
    [InlineData("False", Reasons.UserSuspended, true, false)]
    [InlineData("False", Reasons.Pending, false, false)] // the operator is at work
    [InlineData("False", Reasons.Revoked, false, false)] // somebody deleted it and knows
    [InlineData("True", Reasons.Issued, false, false)]
    [InlineData("Unknown", Reasons.Pending, false, false)]
    public void Of_NewReady_DependsOnStatusAndReason(string status, string reason, bool isAnnounced, bool isWarning)
    {
        Condition ready = Conditions.Of(ConditionTypes.Ready, Enum.Parse<ReadyStatus>(status), reason, "Why.");

        Assert.Equal(isAnnounced ? [new DeviceEvent(ready, isWarning)] : [], DeviceEvents.Of([], [ready]));
        Assert.Empty(DeviceEvents.Of([ready], [ready])); // only once
    }

    [Theory]
    [InlineData("False", Reasons.BackendUnavailable, true)]
    [InlineData("False", Reasons.Suspended, false)]
    [InlineData("True", Reasons.Paused, false)]
    public void Of_ReadyWithAnotherMessage_OnlyIfInTrouble(string status, string reason, bool isAnnounced)
    {
        Condition before = Conditions.Of(ConditionTypes.Ready, Enum.Parse<ReadyStatus>(status), reason, "Why.");
        Condition after = before with { Message = "Why else." };

        Assert.Equal(isAnnounced ? [Warning(after)] : [], DeviceEvents.Of([before], [after]));
    }

    [Theory]
    [InlineData(ConditionTypes.Expiring, Reasons.Expiring, false)] // mutant: another time in the message makes an event
    [InlineData(ConditionTypes.RotationRefused, Reasons.HeldByPerson, false)]
    [InlineData(ConditionTypes.RestartPending, Reasons.RestartRefused, true)]
    [InlineData(ConditionTypes.Compromised, Reasons.SendsSpam, true)]
    [InlineData(ConditionTypes.RevocationPending, Reasons.RevocationBlocked, true)]
    public void Of_AbnormalCondition_WhenItComesAndForSomeWhenItDiffers(
        string type, string reason, bool isAnnouncedAgain)
    {
        Condition added = Conditions.True(type, reason, "Why.");
        Condition differs = added with { Message = "Why else." };

        Assert.Equal([Warning(added)], DeviceEvents.Of([Ready], [Ready, added]));
        Assert.Empty(DeviceEvents.Of([Ready, added], [Ready, added]));
        Assert.Equal(isAnnouncedAgain ? [Warning(differs)] : [], DeviceEvents.Of([Ready, added], [Ready, differs]));
    }

    [Fact]
    public void Of_RevocationThatIsNotBlocked_IsNone() => Assert.Empty(
        DeviceEvents.Of([], [Ready, Conditions.True(ConditionTypes.RevocationPending, Reasons.Revoked, "Soon.")]));

    [Fact]
    public void Of_Verified_IsAnnouncedWhenItTurnsFalse()
    {
        Condition accepted = Conditions.True(ConditionTypes.Verified, Reasons.LoginAccepted, "Tried.");
        Condition refused = Conditions.False(ConditionTypes.Verified, Reasons.VerificationFailed, "Refused.");

        Assert.Empty(DeviceEvents.Of([], [Ready, accepted]));
        Assert.Equal([Warning(refused)], DeviceEvents.Of([Ready, accepted], [Ready, refused]));
        Assert.Empty(DeviceEvents.Of([Ready, refused], [Ready, refused with { Message = "Refused again." }]));
    }

    [Fact]
    public void Of_ReadySaysTheSame_IsOneEvent()
    {
        // Mutant: both are announced.
        Condition refused = Conditions.False(ConditionTypes.Verified, Reasons.VerificationFailed, "Refused.");
        Condition blocked = Conditions.True(ConditionTypes.RevocationPending, Reasons.RevocationBlocked, "No route.");
        Condition notReady = refused with { Type = ConditionTypes.Ready }, notRevoked = Conditions.False(
            ConditionTypes.Ready, Reasons.RevocationBlocked, "No route.");

        Assert.Equal([Warning(notReady)], DeviceEvents.Of([], [notReady, refused]));
        Assert.Equal([Warning(notRevoked)], DeviceEvents.Of([], [notRevoked, blocked]));
    }

    [Fact]
    public void Of_SeveralConditions_InAFixedOrder()
    {
        Condition refused = Conditions.False(ConditionTypes.Verified, Reasons.VerificationFailed, "Refused.");
        Condition[] others =
        [
            .. new[]
            {
                (ConditionTypes.Expiring, Reasons.Expiring),
                (ConditionTypes.RestartPending, Reasons.RestartRefused),
                (ConditionTypes.Compromised, Reasons.PasswordLeaked),
                (ConditionTypes.RotationRefused, Reasons.HeldByPerson),
            }.Select(static one => Conditions.True(one.Item1, one.Item2, "Why.")),
        ];

        Assert.Equal(
            [.. others.Select(Warning), Warning(refused), Warning(Down)],
            DeviceEvents.Of([Ready], [Down, refused, .. others.Reverse()]));
    }

    private static DeviceEvent Warning(Condition condition) => new(condition, IsWarning: true);
}
