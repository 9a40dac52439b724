using MailOperator.Backends;
using MailOperator.MailBackends;
using MailOperator.UnitTests.MailDevices;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.MailBackends;

public sealed class SeenDevicesTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SeenDevices _seen = new(new FakeTimeProvider(Start));

    [Theory]
    [InlineData(301, true)]
    [InlineData(300, false)] // mutant: no margin; a replica that led before may have issued it
    [InlineData(-86400, false)] // an orphan from before the start
    public void Slot_OfADeviceThatWasNeverSeen_IsOfAnotherIfIssuedSince(int seconds, bool isOfAnother) =>
        Assert.Equal(isOfAnother, _seen.IsOfAnother(Slot("uid-other", seconds)));

    [Fact]
    public void Slot_OfADeviceThatWasSeen_IsOurs()
    {
        // Mutant: the devices that are there now. One whose finalizer was removed by force would be another's.
        _seen.Add("uid-ours");

        Assert.False(_seen.IsOfAnother(Slot("uid-ours", 3600)));
    }

    [Fact]
    public void Slot_AfterMoreDevicesThanAreRemembered_ProvesNothing()
    {
        for (int number = 0; number <= 200_000; number++)
        {
            _seen.Add($"uid-{number}");
        }

        Assert.False(_seen.IsOfAnother(Slot("uid-0", 3600)));
    }

    private static Slot Slot(string uid, int seconds) => Snapshots.Slot("aaaaaa") with
    {
        Owner = new SlotOwner("cluster", uid), IssuedAt = Start.AddSeconds(seconds),
    };
}
