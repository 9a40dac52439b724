using MailOperator.Backends;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Backends;

public sealed class CircuitBreakerTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly CircuitBreaker _breaker;

    public CircuitBreakerTests() => _breaker = new CircuitBreaker(_clock);

    [Fact]
    public void Admit_FewerFailuresThanItTakes_LetsThrough()
    {
        Fail(CircuitBreaker.FailuresToOpen - 1);

        Assert.Equal(TimeSpan.Zero, _breaker.Admit());
    }

    [Fact]
    public void Admit_FailuresWithASuccessBetween_StaysClosed()
    {
        // Mutant: counts all failures and not failures in a row.
        for (int round = 0; round < 10; round++)
        {
            Fail(CircuitBreaker.FailuresToOpen - 1);
            _breaker.Succeeded();
        }

        Assert.Equal(TimeSpan.Zero, _breaker.Admit());
    }

    [Fact]
    public void Admit_Open_TellsWhatIsLeftOfThePeriod()
    {
        Fail(CircuitBreaker.FailuresToOpen);
        Assert.Equal(CircuitBreaker.InitialDelay, _breaker.Admit());

        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(CircuitBreaker.InitialDelay - TimeSpan.FromSeconds(2), _breaker.Admit());
    }

    [Fact]
    public void Admit_PeriodOver_LetsExactlyOneTryThrough()
    {
        Fail(CircuitBreaker.FailuresToOpen);
        _clock.Advance(CircuitBreaker.InitialDelay);

        Assert.Equal(TimeSpan.Zero, _breaker.Admit());
        // Mutant: all calls are admitted during the trial call.
        Assert.Equal(CircuitBreaker.InitialDelay, _breaker.Admit());
    }

    [Fact]
    public void Failed_EachTry_DoublesThePeriodUpToTheLongest()
    {
        Fail(CircuitBreaker.FailuresToOpen);
        var periods = new List<double>();
        for (int attempt = 0; attempt < 7; attempt++)
        {
            TimeSpan period = _breaker.Admit();
            periods.Add(period.TotalSeconds);
            _clock.Advance(period);
            Assert.Equal(TimeSpan.Zero, _breaker.Admit());
            _breaker.Failed(TimeSpan.FromSeconds(15));
        }

        Assert.Equal([3, 6, 12, 24, 48, 60, 60], periods);
    }

    [Theory]
    [InlineData(0.01, 3)] // refused at once: tried every few seconds
    [InlineData(2, 8)]
    [InlineData(15, 60)] // swallowed: a fifth of one worker
    public void Failed_EachTry_IsNoLongerThanWhatItCosts(double took, double seconds) // mutant: the longest for all
    {
        Fail(CircuitBreaker.FailuresToOpen);
        for (int attempt = 0; attempt < 7; attempt++)
        {
            _clock.Advance(_breaker.Admit());
            Assert.Equal(TimeSpan.Zero, _breaker.Admit());
            _breaker.Failed(TimeSpan.FromSeconds(took));
        }

        Assert.Equal(TimeSpan.FromSeconds(seconds), _breaker.Admit());
    }

    [Fact]
    public void Failed_CallsThatWereUnderWayWhenItOpened_DoNotLengthenThePeriod()
    {
        // Twenty calls that time out together are one observation, and no reason to wait for a minute.
        Fail(20);

        Assert.Equal(CircuitBreaker.InitialDelay, _breaker.Admit());
    }

    [Fact]
    public void Failed_TryUnderWay_ThePeriodCountsFromItsEnd()
    {
        Fail(CircuitBreaker.FailuresToOpen);
        _clock.Advance(CircuitBreaker.InitialDelay);
        _breaker.Admit();
        _clock.Advance(TimeSpan.FromSeconds(4));

        _breaker.Failed(TimeSpan.FromSeconds(15));

        Assert.Equal(CircuitBreaker.InitialDelay * 2, _breaker.Admit());
    }

    [Fact]
    public void Admit_TryNeverReported_IsFollowedByAnother()
    {
        // A trial call may be cancelled, which says nothing: the circuit must not stay open for ever.
        Fail(CircuitBreaker.FailuresToOpen);
        _clock.Advance(CircuitBreaker.InitialDelay);
        _breaker.Admit();

        _clock.Advance(CircuitBreaker.InitialDelay);

        Assert.Equal(TimeSpan.Zero, _breaker.Admit());
    }

    [Fact]
    public void Succeeded_AfterALongTrouble_StartsFromTheBeginning()
    {
        Fail(CircuitBreaker.FailuresToOpen);
        for (int attempt = 0; attempt < 5; attempt++)
        {
            _clock.Advance(CircuitBreaker.MaxDelay);
            _breaker.Admit();
            _breaker.Failed(TimeSpan.FromSeconds(15));
        }

        _clock.Advance(CircuitBreaker.MaxDelay);
        _breaker.Admit();
        _breaker.Succeeded();
        Assert.Equal(TimeSpan.Zero, _breaker.Admit());
        Assert.Equal(TimeSpan.Zero, _breaker.Admit());
        Fail(CircuitBreaker.FailuresToOpen);

        Assert.Equal(CircuitBreaker.InitialDelay, _breaker.Admit());
    }

    private void Fail(int times)
    {
        for (int time = 0; time < times; time++)
        {
            _breaker.Failed(TimeSpan.FromSeconds(15));
        }
    }
}
