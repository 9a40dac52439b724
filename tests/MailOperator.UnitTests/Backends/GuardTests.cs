using MailOperator.Backends;
using MailOperator.Tests;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace MailOperator.UnitTests.Backends;

public sealed class GuardTests
{
    private static readonly SlotOwner Owner = new("cluster", "uid");
    private readonly FakeTimeProvider _clock = new();
    private readonly Mock<IMailBackend> _backend = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_BackendDown_IsAskedOncePerPeriodAndSaysTheSameWords()
    {
        _backend.Setup(one => one.ListAsync(Owner, It.IsAny<CancellationToken>()))
            .ThrowsAsync(new MailBackendException(BackendFailure.Unavailable, "no route"));
        GuardedBackend guarded = Guard();
        var said = new HashSet<string>();
        for (int call = 0; call < 50; call++)
        {
            said.Add((await Assert.ThrowsAsync<MailBackendException>(() => guarded.ListAsync(Owner, Token))).Message);
        }

        Assert.Equal(["no route"], said); // otherwise the status of a device would alternate
        Assert.Equal(CircuitBreaker.FailuresToOpen, _backend.Invocations.Count);
        _clock.Advance(CircuitBreaker.InitialDelay);
        await Assert.ThrowsAsync<MailBackendException>(() => guarded.ListAsync(Owner, Token));
        await Assert.ThrowsAsync<MailBackendException>(() => guarded.ListAsync(Owner, Token));
        Assert.Equal(CircuitBreaker.FailuresToOpen + 1, _backend.Invocations.Count);
    }

    [Fact]
    public async Task Call_BackendIsBack_IsLetThroughAgain()
    {
        bool isDown = true;
        _backend.Setup(one => one.ListAsync(Owner, It.IsAny<CancellationToken>())).Returns(() => isDown
            ? Task.FromException<IReadOnlyList<Slot>>(new MailBackendException(BackendFailure.Unavailable, "down"))
            : Task.FromResult<IReadOnlyList<Slot>>([]));
        GuardedBackend guarded = Guard();
        for (int call = 0; call < 10; call++)
        {
            await Assert.ThrowsAsync<MailBackendException>(() => guarded.ListAsync(Owner, Token));
        }

        isDown = false;
        _clock.Advance(CircuitBreaker.MaxDelay);

        Assert.Empty(await guarded.ListAsync(Owner, Token));
        Assert.Empty(await guarded.ListAsync(Owner, Token));
    }

    [Fact]
    public async Task Call_Rejected_DoesNotOpenTheBreaker()
    {
        _backend.Setup(one => one.ListAsync(Owner, It.IsAny<CancellationToken>()))
            .ThrowsAsync(new MailBackendException(BackendFailure.Rejected, "no"));
        GuardedBackend guarded = Guard();
        for (int call = 0; call < 10; call++)
        {
            await Assert.ThrowsAsync<MailBackendException>(() => guarded.ListAsync(Owner, Token));
        }

        Assert.Equal(10, _backend.Invocations.Count);
    }

    [Fact]
    public async Task Call_NoAnswer_FailsAfterItsTimeWithTheBackendsName()
    {
        _backend.Setup(one => one.ListAsync(Owner, It.IsAny<CancellationToken>()))
            .Returns<SlotOwner, CancellationToken>(async (_, token) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _clock, token);
                return [];
            });
        Task<IReadOnlyList<Slot>> call = Guard().ListAsync(Owner, Token);

        _clock.Advance(BackendGuard.CallTimeout);

        MailBackendException failure = await Assert.ThrowsAsync<MailBackendException>(() => call);
        Assert.Equal(BackendFailure.Unavailable, failure.Failure);
        Assert.Contains("dovecot", failure.Message);
    }

    [Fact]
    public async Task Call_TooManyUnderWay_TurnsAwayWhoeverBeginsButNotAChange()
    {
        var answer = new TaskCompletionSource<IReadOnlyList<Slot>>();
        _backend.Setup(one => one.ListAsync(Owner, It.IsAny<CancellationToken>())).Returns(answer.Task);
        _backend.Setup(one => one.ApplyAsync(It.IsAny<SlotChange>(), It.IsAny<CancellationToken>()))
            .Returns(Task.CompletedTask);
        GuardedBackend guarded = Guard(limit: 2);
        Task[] underWay = [guarded.ListAsync(Owner, Token), guarded.ListAsync(Owner, Token)];

        Assert.Equal(
            BackendFailure.Busy,
            (await Assert.ThrowsAsync<MailBackendException>(() => guarded.ListAsync(Owner, Token))).Failure);
        await guarded.ApplyAsync(new SlotChange(Owner, [], []), Token); // its hash would be lost

        answer.SetResult([]);
        await Task.WhenAll(underWay);
        await guarded.ListAsync(Owner, Token);
    }

    [Fact]
    public void TokenBucket_Empty_TellsWhenTheNextOneComes()
    {
        var bucket = new TokenBucket(2, TimeSpan.FromSeconds(10), _clock);
        Assert.True(bucket.TryTake(out _) && bucket.TryTake(out _));

        Assert.False(bucket.TryTake(out TimeSpan wait));
        Assert.Equal(TimeSpan.FromSeconds(10), wait);
        _clock.Advance(wait);
        Assert.True(bucket.TryTake(out _));
        Assert.False(bucket.TryTake(out _));
    }

    private GuardedBackend Guard(int limit = 100) =>
        new("dovecot", _backend.Object, limit, NoMetrics.OfBackends, _clock);
}
