using MailOperator.Kubernetes;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Kubernetes;

public sealed class SmallRuntimeTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void ItemBackoff_FailuresInARow_DoubleToACapGiveOrTakeAFifth()
    {
        var backoff = new ItemBackoff<string>(new Random(3));
        for (int failure = 0; failure < 200; failure++)
        {
            double expected = Math.Min(Math.Pow(2, failure), ItemBackoff<string>.MaxDelay.TotalSeconds);
            Assert.InRange(backoff.Next("a").TotalSeconds, expected * 0.8, expected * 1.2);
        }

        backoff.Forget("a");
        Assert.InRange(backoff.Next("a").TotalSeconds, 0.8, 1.2);
        Assert.InRange(backoff.Next("b").TotalSeconds, 0.8, 1.2); // each item counts for itself
    }

    [Fact]
    public void ReconnectBackoff_AfterTwoGoodMinutes_BeginsAnew()
    {
        var backoff = new ReconnectBackoff(new Random(3));
        for (int failure = 0; failure < 20; failure++)
        {
            Assert.True(backoff.Next(TimeSpan.Zero) <= ReconnectBackoff.MaxDelay);
        }

        Assert.True(backoff.Next(TimeSpan.FromMinutes(2)) <= ReconnectBackoff.InitialDelay * 1.5);
    }

    [Fact]
    public void Correlate_EqualEvents_CountUpOne()
    {
        var correlator = new EventCorrelator(_clock);

        EventSeries first = correlator.Correlate(Said("no"))!, second =
            correlator.Correlate(Said("no"))!, other = correlator.Correlate(Said("yes"))!;

        Assert.Equal((first.Key, 2), (second.Key, second.Count));
        Assert.NotEqual(first.Key, other.Key);
    }

    [Fact]
    public void Correlate_ManyDifferentTexts_BecomeOne()
    {
        var correlator = new EventCorrelator(_clock);
        EventSeries[] all =
            [.. Enumerable.Range(0, 20).Select(number => correlator.Correlate(Said($"text {number}"))!)];

        Assert.Equal(EventCorrelator.SimilarBeforeAggregation + 1, all.Select(series => series.Key).Distinct().Count());
        Assert.StartsWith("(combined from similar events)", all[^1].Message);
    }

    [Fact]
    public void Correlate_Flood_IsCutAndRefilledSlowly()
    {
        var correlator = new EventCorrelator(_clock);
        int written = Enumerable.Range(0, 100).Count(_ => correlator.Correlate(Said("no")) is not null);
        Assert.Equal(EventCorrelator.Burst, written);

        _clock.Advance(EventCorrelator.Refill);

        Assert.NotNull(correlator.Correlate(Said("no")));
        Assert.Null(correlator.Correlate(Said("no")));
        Assert.NotNull(correlator.Correlate(Said("no", uid: "another")));
    }

    [Theory]
    [InlineData("2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z")]
    [InlineData("2026-11-24T14:00:00.999+02:00", "2026-11-24T12:00:00Z")]
    public void Rfc3339_AnyOffset_IsWrittenInUtcAndWholeSeconds(string text, string expected) =>
        Assert.Equal(expected, Rfc3339.Format(Rfc3339.Parse(text)!.Value));

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    public void Rfc3339_NoTime_IsNull(string text) => Assert.Null(Rfc3339.Parse(text));

    private RecordedEvent Said(string message, string uid = "uid") => new(
        FakeApi.Things, new ObjectKey("ns", "a"), uid, "1", "Warning", "Reason", message, _clock.GetUtcNow());
}
