using MailOperator.Backends;
using MailOperator.Backends.Infomaniak;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Backends.Infomaniak;

/// <summary>Sixty requests in any minute, with a reserve for changes under way.</summary>
public sealed class RequestLimitTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Requests_AsManyAsCanBeHad_AreNoMoreThanTheLimitInAnyMinute()
    {
        // Mutant: a full bucket on top of a minute's worth.
        var limit = new RequestLimit(_clock);
        var taken = new List<DateTimeOffset>();
        for (int step = 0; step < 6000; step++)
        {
            while (Try(limit, 1, 0) is null)
            {
                taken.Add(_clock.GetUtcNow());
            }

            _clock.Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.All(taken, from => Assert.InRange(
            taken.Count(at => at >= from && at - from < TimeSpan.FromMinutes(1)), 1, RequestLimit.PerMinute));
        Assert.InRange(taken.Count, 200, 230); // forty a minute and the first twenty: not slower either
    }

    [Fact]
    public void Look_LeavesTheReserveToChanges()
    {
        var limit = new RequestLimit(_clock);
        while (Try(limit, 1, RequestLimit.Reserve) is null)
        {
        }

        Assert.All(Enumerable.Range(0, RequestLimit.Reserve / 3), _ => Assert.Null(Try(limit, 3, 0)));
        Assert.NotNull(Try(limit, 1, 0));
    }

    [Fact]
    public void Begin_MoreThanThereIs_TakesNothing()
    {
        var limit = new RequestLimit(_clock);
        Assert.NotNull(Try(limit, 1000, 0));
        Assert.Null(Try(limit, 20, 0));
    }

    [Fact]
    public void SentAway_ComeBackOneAfterTheOther()
    {
        // Mutant: a thousand devices are told the same time, and all but one retry in vain.
        var limit = new RequestLimit(_clock);
        Assert.Null(Try(limit, 20, 0));

        MailBackendException[] sentAway = [.. Enumerable.Range(0, 5).Select(who => Try(limit, 1, 0, $"device {who}")!)];

        Assert.All(sentAway, static e => Assert.Equal(BackendFailure.Busy, e.Failure));
        Assert.Equal(5, sentAway.Select(static e => e.RetryAfter).Distinct().Count());
        Assert.Equal(RequestLimit.Interval, sentAway[0].RetryAfter);
        Assert.InRange(
            Enumerable.Range(0, 1000).Max(who => Try(limit, 1, 0, $"{who}")!.RetryAfter), TimeSpan.FromSeconds(59),
            TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void SentAway_WhoComesTooEarly_KeepsTheTurn()
    {
        // Mutant: every wake-up of a device postpones its turn, until it never comes.
        var limit = new RequestLimit(_clock);
        Assert.Null(Try(limit, 20, 0));
        TimeSpan[] told = [.. Enumerable.Range(0, 20).Select(_ => Try(limit, 1, 0)!.RetryAfter)];

        Assert.All(told, static wait => Assert.Equal(RequestLimit.Interval, wait));
        _clock.Advance(RequestLimit.Interval);
        Assert.Null(Try(limit, 1, 0));
    }

    [Fact]
    public async Task Spend_BeyondTheAllowance_WaitsForARequest()
    {
        var limit = new RequestLimit(_clock);
        RequestAllowance allowance = limit.Begin("a", 20);
        for (int request = 0; request < 20; request++)
        {
            Assert.True(allowance.SpendAsync(TestContext.Current.CancellationToken).IsCompletedSuccessfully);
        }

        Task one = allowance.SpendAsync(TestContext.Current.CancellationToken);
        Assert.False(one.IsCompleted);
        _clock.Advance(RequestLimit.Interval);
        await one;
    }

    [Fact]
    public async Task Spend_ThatWouldWaitLong_ComesBack()
    {
        var limit = new RequestLimit(_clock);
        RequestAllowance[] allowances =
            [.. Enumerable.Range(0, 6).Select(_ => limit.Begin("a", 1)), limit.Begin("a", 14)];
        for (int request = 0; request < 14; request++)
        {
            await allowances[^1].SpendAsync(TestContext.Current.CancellationToken);
        }

        foreach (RequestAllowance allowance in allowances[..^1])
        {
            await allowance.SpendAsync(TestContext.Current.CancellationToken);
        }

        Task[] waiting =
            [.. allowances.Select(allowance => allowance.SpendAsync(TestContext.Current.CancellationToken))];
        for (int step = 0; step < 10; step++)
        {
            _clock.Advance(TimeSpan.FromSeconds(0.5));
        }

        await Assert.ThrowsAsync<MailBackendException>(() => Task.WhenAll(waiting));
        Assert.Contains(waiting, static one => one.IsCompletedSuccessfully);
    }

    private static MailBackendException? Try(RequestLimit limit, int requests, int leaving, string who = "a")
    {
        try
        {
            limit.Begin(who, requests, leaving);
            return null;
        }
        catch (MailBackendException e)
        {
            return e;
        }
    }
}
