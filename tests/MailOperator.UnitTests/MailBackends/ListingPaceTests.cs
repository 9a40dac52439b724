using MailOperator.MailBackends;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.MailBackends;

public sealed class ListingPaceTests
{
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData(10, 1_000)] // few slots: at once
    [InlineData(100, 5_000)]
    [InlineData(400, 20_000)]
    [InlineData(5_000, 60_000)] // never later than the regular look
    public async Task Delay_AfterALook_KeepsLooksToAFiftiethOfTheTime(int took, int delay)
    {
        // Mutant: one delay for all. Each second of a burst would list every slot of the store.
        var pace = new ListingPace(_clock);

        Assert.Equal(3, await pace.MeasureAsync("a", () =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(took));
            return Task.FromResult(3);
        }));

        Assert.Equal(TimeSpan.FromMilliseconds(delay), pace.DelayOf("a"));
        Assert.Equal(TimeSpan.FromSeconds(1), pace.DelayOf("b"));
        pace.Forget("a");
        Assert.Equal(TimeSpan.FromSeconds(1), pace.DelayOf("a"));
    }
}
