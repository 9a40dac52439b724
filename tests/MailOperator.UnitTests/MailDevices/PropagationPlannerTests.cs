using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Revocation;
using MailOperator.MailDevices.Secrets;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>What follows the end of a password if mail servers are notified.</summary>
public sealed class PropagationPlannerTests
{
    private static readonly TimeSpan PropagationDelay = TimeSpan.FromSeconds(2);
    private static readonly MailDeviceSnapshot Notified = InSync with { PropagationDelay = PropagationDelay };

    [Fact]
    public void Plan_EndOfOverlap_RefusesFirstAndRemovesNothing()
    {
        // Mutant: remove at once. After a crash nothing would record that the servers must be notified.
        MailDevicePlan plan = Plan(Notified with { Secret = Retired(Now), Slots = [Slot("aaaaaa"), Slot("bbbbbb")] });

        Slot ended = Assert.Single(Assert.IsType<Change.RefuseSlots>(Assert.Single(plan.Changes)).Slots);
        Assert.Equal(
            ("bbbbbb", new SlotEnd(Now, EndsSessions: false), true),
            (ended.Selector, ended.End, ended.Restrictions.IsSuspended));
        Assert.True(plan.NeedsLiveSecret);
        Assert.NotNull(plan.Verdict.PendingRevocation);
        Assert.InRange(plan.RecheckAfter!.Value, PropagationDelay, PropagationDelay + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Plan_EndedAtOnce_EndsSessionsToo() =>
        Assert.True(RefusedBy(Retired(Snapshots.Record.IssuedAt)).End!.EndsSessions);

    [Fact]
    public void Plan_EndedAndNotRetiring_EndsSessionsToo() => Assert.True(RefusedBy(Secret).End!.EndsSessions);

    [Fact]
    public void Plan_ServersAreNotNotified_RemovesAtOnce() =>
        Assert.IsType<Change.RemoveSlots>(Assert.Single(
            Plan(InSync with { Secret = Retired(Now), Slots = [Slot("aaaaaa"), Slot("bbbbbb")] }).Changes));

    [Fact]
    public void Plan_NotYetPropagated_Waits()
    {
        // Mutant: notify at once. A client could reconnect with the old password and stay connected.
        MailDevicePlan plan = Plan(Notified with { EndedSlots = [Ended(TimeSpan.FromSeconds(1), endsSessions: true)] });

        Assert.Empty(plan.Changes);
        Assert.Equal(TimeSpan.FromSeconds(2), plan.RecheckAfter);
        Assert.NotNull(plan.Verdict.PendingRevocation);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Plan_Propagated_NotifiesAndThenRemoves(bool endsSessions)
    {
        MailDevicePlan plan = Plan(Notified with { EndedSlots = [Ended(TimeSpan.FromSeconds(3), endsSessions)] });

        Assert.Equal(
            [typeof(Change.TellMailServers), typeof(Change.RemoveSlots)],
            plan.Changes.Select(static change => change.GetType()));
        var tell = (Change.TellMailServers)plan.Changes[0];
        Assert.Equal([Desired.Access.Mailbox], tell.Mailboxes);
        Assert.Equal(endsSessions, tell.EndsSessions);
        Assert.Null(plan.Verdict.PendingRevocation);
    }

    [Fact]
    public void Plan_ServersAreNoLongerNotified_OnlyRemoves() =>
        Assert.IsType<Change.RemoveSlots>(
            Assert.Single(Plan(InSync with { EndedSlots = [Ended(TimeSpan.Zero, endsSessions: true)] }).Changes));

    [Fact]
    public void Plan_SecretDeletedWhileASlotEnds_DoesNotRetireItAgain()
    {
        // Mutant: an ended slot counts as one of the device's and gets another overlap.
        MailDevicePlan plan = Plan(Notified with
        {
            Secret = new SecretState.Absent(),
            Slots = [],
            EndedSlots = [Ended(TimeSpan.Zero, endsSessions: true)],
        });

        Assert.Empty(Assert.IsType<Change.IssueCredential>(Assert.Single(plan.Changes)).Retiring);
    }

    [Fact]
    public void Plan_Expired_RefusesBeforeItRemoves()
    {
        MailDevicePlan plan = Plan(
            Notified.EndingAt(Now));

        Assert.Equal(
            [typeof(Change.RefuseSlots), typeof(Change.DeleteSecret)],
            plan.Changes.Select(static change => change.GetType()));
        Assert.True(((Change.RefuseSlots)plan.Changes[0]).Slots.Single().End!.EndsSessions);
    }

    [Fact]
    public void Plan_Suspended_NotifiesOnceAfterThePropagationDelay()
    {
        MailDeviceSnapshot suspended = Notified.Suspended() with
        {
            Slots = [Slot("aaaaaa") with { Restrictions = Restrictions with { IsSuspended = true } }],
        };

        Assert.Empty(Plan(suspended).Changes);
        Assert.NotNull(Plan(suspended).Verdict.PendingRevocation);
        Assert.Empty(Plan(suspended with { SuspendedSince = Now.AddSeconds(-2) }).Changes);
        var tell = Assert.IsType<Change.TellMailServers>(
            Assert.Single(Plan(suspended with { SuspendedSince = Now.AddSeconds(-3) }).Changes));
        Assert.True(tell is { EndsSessions: true, CompletesSuspension: true });
        Assert.Empty(Plan(suspended with { IsSuspensionComplete = true }).Changes);
        Assert.Null(Plan(suspended with { IsSuspensionComplete = true }).Verdict.PendingRevocation);
    }

    private static MailDevicePlan Plan(MailDeviceSnapshot device) => MailDevicePlanner.Plan(device, Now);

    private static Slot RefusedBy(SecretState.Owned secret) => Assert.Single(
        Plan(Notified with
        {
            Secret = secret,
            Slots = [Slot("aaaaaa"), Slot("bbbbbb")],
        }).Changes.OfType<Change.RefuseSlots>().Single().Slots);

    private static SecretState.Owned Retired(DateTimeOffset at) =>
        Secret with { Credential = Snapshots.Record with { Retiring = [new RetiringCredential("bbbbbb", at)] } };

    private static Slot Ended(TimeSpan age, bool endsSessions) =>
        PlaceRevocation.Refused(Slot("bbbbbb"), new SlotEnd(Now - age, endsSessions));
}
