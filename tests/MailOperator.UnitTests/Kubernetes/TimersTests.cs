using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>The small pieces that only count time.</summary>
public sealed class TimersTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void ReconnectBackoff_FailuresInARow_DoubleWithinTheirJitterToACap()
    {
        // Mutant: no growth; a server that is down is asked by every informer each second.
        var backoff = new ReconnectBackoff(new Random(7));
        for (int failure = 0; failure < 12; failure++)
        {
            double middle = Math.Min(
                ReconnectBackoff.InitialDelay.TotalSeconds * Math.Pow(2, failure),
                ReconnectBackoff.MaxDelay.TotalSeconds);

            Assert.InRange(
                backoff.Next(TimeSpan.Zero).TotalSeconds, middle * 0.5,
                Math.Min(middle * 1.5, ReconnectBackoff.MaxDelay.TotalSeconds));
        }
    }

    [Fact]
    public void ReconnectBackoff_ConnectionShortOfHealthy_DoesNotBeginAnew()
    {
        var backoff = new ReconnectBackoff(new Random(7));
        for (int failure = 0; failure < 10; failure++)
        {
            backoff.Next(TimeSpan.Zero);
        }

        Assert.True(backoff.Next(ReconnectBackoff.Healthy - TimeSpan.FromSeconds(1)) >= ReconnectBackoff.MaxDelay / 2);
    }

    [Fact]
    public void ItemBackoff_ManyItems_DoNotWaitAlike()
    {
        // Mutant: no jitter; all devices of a backend that was down come back in the same moment.
        var backoff = new ItemBackoff<int>(new Random(7));

        Assert.True(Enumerable.Range(0, 100).Select(backoff.Next).Distinct().Count() > 90);
    }

    [Fact]
    public void ItemBackoff_ManyThreads_KeepEachTheirCount()
    {
        // Mutant: a Jitter of "new Random()", which several threads can bring to answer 0 for ever.
        var backoff = new ItemBackoff<int>(Jitter.Source);
        Parallel.For(0, 10_000, number => backoff.Next(number % 50));

        Assert.All(Enumerable.Range(0, 50), item => Assert.InRange(backoff.Next(item).TotalSeconds, 240, 360));
        Assert.True(Enumerable.Range(100, 100).Select(backoff.Next).Distinct().Count() > 90);
    }

    [Theory]
    [InlineData("2026-11-24T12:00:00", "2026-11-24T12:00:00Z")] // mutant: take a time without an offset for local
    [InlineData("2026-11-24T12:00:00.123456Z", "2026-11-24T12:00:00Z")]
    public void Rfc3339_Parse_IsInUtc(string text, string expected)
    {
        DateTimeOffset time = Rfc3339.Parse(text)!.Value;

        Assert.Equal(TimeSpan.Zero, time.Offset);
        Assert.Equal(expected, Rfc3339.Format(time));
    }

    [Fact]
    public void Rfc3339_WholeSeconds_IsWhatComesBackFromWhatWasWritten()
    {
        // Mutant: round; what is compared with what was stored is then a second later in half of all cases.
        DateTimeOffset time = new DateTimeOffset(2026, 11, 24, 14, 0, 0, 999, TimeSpan.FromHours(2)).AddTicks(9);

        Assert.Equal(Rfc3339.Parse(Rfc3339.Format(time)), Rfc3339.WholeSeconds(time));
        Assert.Equal(TimeSpan.Zero, Rfc3339.WholeSeconds(time).Offset);
    }

    [Fact]
    public async Task ResyncTimer_EachTime_WaitsTheIntervalGiveOrTakeATenth()
    {
        var clock = new SteppedClock();
        int resyncs = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task running = new ResyncTimer(clock, new Random(7), TimeSpan.FromHours(10), () => resyncs++)
            .RunAsync(stop.Token);
        for (int round = 1; round <= 5; round++)
        {
            TimeSpan passed = TimeSpan.Zero;
            while (resyncs < round)
            {
                await Until.IsSoAsync(() => clock.IsDelaying);
                clock.Advance(TimeSpan.FromMinutes(10));
                passed += TimeSpan.FromMinutes(10);
                await Until.IsSoAsync(() => clock.IsDelaying);
            }

            Assert.InRange(passed, TimeSpan.FromHours(8.9), TimeSpan.FromHours(11.1));
        }

        await stop.CancelAsync();
        await running;
        Assert.Equal(5, resyncs); // the stop is no resync
    }
}
