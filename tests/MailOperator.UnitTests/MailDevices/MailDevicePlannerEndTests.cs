using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.Reporting;
using static MailOperator.UnitTests.MailDevices.Plans;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>The end of a device: expiry and deletion.</summary>
public sealed class MailDevicePlannerEndTests
{
    [Fact]
    public void Plan_Expired_RemovesSlotsAndSecretAndKeepsTheObject()
    {
        MailDeviceSnapshot device = InSync.EndingAt(Now) with
        {
            Slots = [Slot("aaaaaa"), Slot("bbbbbb")],
        };

        MailDevicePlan plan = MailDevicePlanner.Plan(device, Now);

        Assert.Equal(["aaaaaa", "bbbbbb"], Assert.IsType<Change.RemoveSlots>(plan.Changes[0]).Selectors.AsEnumerable());
        Assert.Equal(new Change.DeleteSecret(new ObsoleteSecret("grafana", "secret-uid")), plan.Changes[1]);
        Assert.Equal((ReadyStatus.False, Reasons.Expired), (plan.Verdict.Ready, plan.Verdict.Reason));
        Assert.Empty(
            MailDevicePlanner.Plan(device with { Slots = [], Secret = new SecretState.Absent() }, Now).Changes);
        Assert.Empty(
            MailDevicePlanner.Plan(device with { HasFinalizer = false, Slots = [], Secret = null }, Now).Changes);
    }

    [Fact]
    public void Plan_ExpiredThenExtended_IssuesAgain()
    {
        MailDeviceSnapshot device = InSync.EndingAt(Now.AddDays(9)) with
        {
            Slots = [],
            Secret = new SecretState.Absent(),
        };

        Assert.Equal(Reasons.Issued, Issue(device).Reason);
    }

    [Fact]
    public void Plan_Expiring_RechecksADayAheadAndThenReportsIt()
    {
        MailDeviceSnapshot device = InSync.EndingAt(Now.AddDays(3));

        MailDevicePlan early = MailDevicePlanner.Plan(device, Now);
        MailDevicePlan late = MailDevicePlanner.Plan(device, Now.AddDays(2));

        Assert.Equal((TimeSpan.FromDays(2), null), (early.RecheckAfter, early.Verdict.ExpiringAt));
        Assert.Equal((TimeSpan.FromDays(1), Now.AddDays(3)), (late.RecheckAfter, late.Verdict.ExpiringAt));
        Assert.Equal(ReadyStatus.True, late.Verdict.Ready);
    }

    [Fact]
    public void Plan_Deleted_RevokesThenDeletesTheSecretThenRemovesTheFinalizer() =>
        Assert.Equal(
            [
                new Change.RemoveAll { At = "dovecot" },
                new Change.AnnounceEnd(IsRetained: false),
                new Change.DeleteSecret(new ObsoleteSecret("grafana", "secret-uid")),
                new Change.RemoveFinalizer(),
            ],
            MailDevicePlanner.Plan(Deleted, Now).Changes);

    [Fact]
    public void Plan_DeletedWithRetain_RevokesNothing() =>
        Assert.DoesNotContain(
            MailDevicePlanner.Plan(
                Deleted with
                {
                    DeletionPolicy = DeletionPolicy.Retain,
                    OtherPlaces = [Place(Slot("aaaaaa")) with { IsRetentionAllowed = true }],
                },
                Now).Changes,
            change => change is Change.RemoveAll or Change.RemoveSlots);

    [Fact]
    public void Plan_DeletedWithRetainThatTheGrantDenies_Revokes() =>
        // Mutant: the tenant's word is enough to keep a password for ever.
        Assert.Contains(
            MailDevicePlanner.Plan(Deleted with { DeletionPolicy = DeletionPolicy.Retain }, Now).Changes,
            change => change is Change.RemoveAll);

    [Theory]
    [InlineData("uid-a", true)]
    [InlineData("uid-b", false)]
    [InlineData(null, false)]
    public void Plan_AbandonToken_CountsOnlyWithTheDevicesUid(string? token, bool isAbandoned)
    {
        MailDeviceSnapshot device = Deleted with
        {
            AbandonToken = token,
            OtherPlaces =
            [
                new SlotPlace("gone") { Failure = new MailBackendException(BackendFailure.Unavailable, "down") },
            ],
        };

        Assert.Equal(
            isAbandoned,
            MailDevicePlanner.Plan(device, Now).Changes
                .Contains(new Change.RemoveFinalizer { LeavesPasswords = true }));
    }

    [Fact]
    public void Plan_DeletedWithoutFinalizer_ChangesNothing() =>
        Assert.Empty(MailDevicePlanner.Plan(Deleted with { HasFinalizer = false }, Now).Changes);
}
