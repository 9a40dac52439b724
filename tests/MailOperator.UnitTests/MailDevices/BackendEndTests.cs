using System.Collections.Immutable;
using MailOperator.Backends;
using MailOperator.MailDevices;
using MailOperator.MailDevices.Planning;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>A backend that supports expiry ends slots by itself, even while no operator runs.</summary>
public sealed class BackendEndTests
{
    private static readonly DesiredCredential Ending =
        Desired with { Lifetime = Desired.Lifetime with { EndsAtBackend = true } };
    private static readonly SecretState.Owned Rotated = Secret with
    {
        Credential = Snapshots.Record with { Retiring = [new RetiringCredential("bbbbbb", Now.AddHours(3))] },
    };

    [Fact]
    public void Plan_OverlapRunning_SetsTheEndOfTheOldSlot()
    {
        Slot put = Assert.Single(
            Put(InSync with { Desired = Ending, Secret = Rotated, Slots = [Slot("aaaaaa"), Slot("bbbbbb")] }));

        Assert.Equal(("bbbbbb", Now.AddHours(3)), (put.Selector, put.NotAfter));
    }

    [Fact]
    public void Plan_EndAlreadySet_ChangesNothing() => Assert.Empty(MailDevicePlanner.Plan(
        InSync with
        {
            Desired = Ending,
            Secret = Rotated,
            Slots = [Slot("aaaaaa"), Slot("bbbbbb") with { NotAfter = Now.AddHours(3) }],
        }, Now).Changes);

    [Fact]
    public void Plan_ExpiryBeforeTheOverlapsEnd_EndsBothAtTheExpiry()
    {
        DesiredCredential expiring = Ending with { Lifetime = Ending.Lifetime with { ExpiresAt = Now.AddHours(1) } };

        Assert.Equal(
            [Now.AddHours(1), Now.AddHours(1)],
            Put(InSync with { Desired = expiring, Secret = Rotated, Slots = [Slot("aaaaaa"), Slot("bbbbbb")] }).Select(
                static slot => slot.NotAfter!.Value));
    }

    [Fact]
    public void Plan_ExpiryRemoved_RemovesItFromTheBackend() =>
        // Mutant: an end is only ever set. The password would stop working although the spec no longer says so.
        Assert.Null(Assert.Single(Put(
            InSync with { Desired = Ending, Slots = [Slot("aaaaaa") with { NotAfter = Now.AddHours(1) }] })).NotAfter);

    [Fact]
    public void Plan_BackendWithoutExpiry_SetsNoEnd() => Assert.Empty(MailDevicePlanner.Plan(
        InSync.EndingAt(Now.AddDays(9)) with
        {
            Secret = Rotated,
            Slots = [Slot("aaaaaa"), Slot("bbbbbb")],
        }, Now).Changes);

    private static ImmutableArray<Slot> Put(MailDeviceSnapshot device) =>
        Assert.IsType<Change.PutSlots>(Assert.Single(MailDevicePlanner.Plan(device, Now).Changes)).Slots;
}
