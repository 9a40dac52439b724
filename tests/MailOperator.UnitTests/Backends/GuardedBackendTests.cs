using MailOperator.Backends;
using MailOperator.Tests;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace MailOperator.UnitTests.Backends;

/// <summary>What the calls have in common; the rest is in <see cref="GuardTests"/>.</summary>
public sealed class GuardedBackendTests
{
    private static readonly SlotOwner Owner = new("cluster", "uid");

    private static readonly Dictionary<string, Func<IMailBackend, CancellationToken, Task>> Calls = new()
    {
        [nameof(IMailBackend.ListAsync)] = (backend, token) => backend.ListAsync(Owner, token),
        [nameof(IMailBackend.ListAllAsync)] = (backend, token) => backend.ListAllAsync("cluster", token),
        [nameof(IMailBackend.CheckWritableAsync)] = (backend, token) => backend.CheckWritableAsync(token),
        [nameof(IMailBackend.ApplyAsync)] = (backend, token) =>
            backend.ApplyAsync(new SlotChange(Owner, [], []), token),
        [nameof(IMailBackend.RemoveAsync)] = (backend, token) => backend.RemoveAsync(Owner, token),
    };

    private readonly FakeTimeProvider _clock = new();
    private readonly Mock<IMailBackend> _backend = new();

    public static TheoryData<string> CallNames => [.. Calls.Keys];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Calls_OfTheInterface_AreAllHere() => Assert.Equal(
        typeof(IMailBackend).GetMethods().Where(method => !method.IsSpecialName).Select(method => method.Name).Order(
            StringComparer.Ordinal),
        Calls.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(CallNames))]
    public async Task Call_BackendDown_OpensTheBreakerForEveryCall(string name)
    {
        Answer(() => Task.FromException(new MailBackendException(BackendFailure.Unavailable, "no route")));
        GuardedBackend guarded = Guard();
        for (int call = 0; call < CircuitBreaker.FailuresToOpen; call++)
        {
            await Assert.ThrowsAsync<MailBackendException>(() => Calls[name](guarded, Token));
        }

        foreach (Func<IMailBackend, CancellationToken, Task> any in Calls.Values)
        {
            MailBackendException failure = await Assert.ThrowsAsync<MailBackendException>(() => any(guarded, Token));
            Assert.Equal((BackendFailure.Unavailable, "no route"), (failure.Failure, failure.Message));
        }

        Assert.Equal(CircuitBreaker.FailuresToOpen, _backend.Invocations.Count);
    }

    [Theory]
    [MemberData(nameof(CallNames))]
    public async Task Call_NoAnswer_IsEndedAndCountsAsAFailure(string name)
    {
        Answer(token => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token));
        GuardedBackend guarded = Guard();
        for (int call = 0; call < CircuitBreaker.FailuresToOpen; call++)
        {
            Task waiting = Calls[name](guarded, Token);
            Assert.False(waiting.IsCompleted);
            _clock.Advance(BackendGuard.CallTimeout);
            MailBackendException failure = await Assert.ThrowsAsync<MailBackendException>(() => waiting);
            Assert.Contains("gave no answer within 15 s", failure.Message);
        }

        await Assert.ThrowsAsync<MailBackendException>(() => Calls[name](guarded, Token));
        Assert.Equal(CircuitBreaker.FailuresToOpen, _backend.Invocations.Count);
    }

    [Theory]
    [MemberData(nameof(CallNames))]
    public async Task Call_CallerGivesUp_IsNobodysFailure(string name)
    {
        // Mutant: a shutdown or a slow reconcile that opens the breaker of a healthy backend.
        Answer(token => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token));
        GuardedBackend guarded = Guard(limit: 1);
        for (int call = 0; call < 10; call++)
        {
            using var stop = new CancellationTokenSource();
            Task waiting = Calls[name](guarded, stop.Token);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        Assert.Equal(10, _backend.Invocations.Count); // none was refused: each freed its place
    }

    [Theory]
    [InlineData(nameof(BackendFailure.Unauthorized))]
    [InlineData(nameof(BackendFailure.Rejected))]
    public async Task Call_BackendAnswersNo_EndsARowOfFailures(string no)
    {
        GuardedBackend guarded = Guard();
        foreach (string failure in (string[])["Unavailable", "Unavailable", no, "Unavailable", "Unavailable"])
        {
            Answer(() => Task.FromException(new MailBackendException(Enum.Parse<BackendFailure>(failure), failure)));
            Assert.Equal(
                failure,
                (await Assert.ThrowsAsync<MailBackendException>(() => guarded.RemoveAsync(Owner, Token))).Message);
        }

        Answer(() => Task.CompletedTask);
        await guarded.RemoveAsync(Owner, Token);
    }

    [Fact]
    public async Task Call_Busy_NeitherEndsARowOfFailuresNorAddsToIt()
    {
        // Mutant: a call that failed before anything was sent closes the breaker of a dead backend.
        GuardedBackend guarded = Guard();
        foreach (string failure in (string[])["Unavailable", "Busy", "Unavailable", "Busy", "Busy", "Unavailable"])
        {
            Answer(() => Task.FromException(new MailBackendException(Enum.Parse<BackendFailure>(failure), failure)));
            Assert.Equal(
                failure,
                (await Assert.ThrowsAsync<MailBackendException>(() => guarded.RemoveAsync(Owner, Token))).Message);
        }

        Answer(() => Task.CompletedTask);
        Assert.Equal(
            "Unavailable",
            (await Assert.ThrowsAsync<MailBackendException>(() => guarded.RemoveAsync(Owner, Token))).Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // enough is under way
    public async Task Call_TryThatIsBusy_LeavesTheTryToTheNextCall(bool isOfTheBackend)
    {
        // Mutants: it closes the breaker; no call is tried for another period.
        var underWay = new TaskCompletionSource();
        GuardedBackend guarded = Guard(limit: isOfTheBackend ? 100 : 1);
        Answer(() => underWay.Task);
        Task? first = isOfTheBackend ? null : guarded.ListAsync(Owner, Token);
        for (int call = 0; call < CircuitBreaker.FailuresToOpen; call++)
        {
            Answer(() => Task.FromException(new MailBackendException(BackendFailure.Unavailable, "no route")));
            await Assert.ThrowsAsync<MailBackendException>(() => guarded.RemoveAsync(Owner, Token));
        }

        _clock.Advance(CircuitBreaker.InitialDelay - TimeSpan.FromSeconds(1));
        Answer(() => Task.FromException(new MailBackendException(BackendFailure.Busy, "later")));
        Assert.Equal(
            BackendFailure.Unavailable,
            (await Assert.ThrowsAsync<MailBackendException>(() => guarded.ListAsync(Owner, Token))).Failure);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(
            BackendFailure.Busy,
            (await Assert.ThrowsAsync<MailBackendException>(() => guarded.ListAsync(Owner, Token))).Failure);

        Answer(() => Task.FromException(new MailBackendException(BackendFailure.Unavailable, "still no route")));
        Assert.Equal(
            "still no route",
            (await Assert.ThrowsAsync<MailBackendException>(() => guarded.RemoveAsync(Owner, Token))).Message);
        Answer(() => Task.CompletedTask);
        Assert.Equal(
            "still no route",
            (await Assert.ThrowsAsync<MailBackendException>(() => guarded.RemoveAsync(Owner, Token))).Message);
        underWay.SetResult();
        await (first ?? Task.CompletedTask);
    }

    [Fact]
    public async Task Call_BackendHasABug_GivesItsPlaceBack()
    {
        Answer(() => Task.FromException(new InvalidOperationException("a bug")));
        GuardedBackend guarded = Guard(limit: 1);
        for (int call = 0; call < 10; call++)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => guarded.ListAsync(Owner, Token));
        }

        Answer(() => Task.CompletedTask);
        await guarded.ListAsync(Owner, Token);
    }

    [Fact]
    public async Task Call_TurnedAway_ComesBackSoonAndNamesTheBackend()
    {
        var gate = new TaskCompletionSource();
        Answer(() => gate.Task);
        GuardedBackend guarded = Guard(limit: 1);
        Task first = guarded.ListAsync(Owner, Token);

        MailBackendException busy = await Assert.ThrowsAsync<MailBackendException>(
            () => guarded.ListAllAsync("cluster", Token));

        Assert.Equal(BackendFailure.Busy, busy.Failure);
        Assert.Contains("'dovecot'", busy.Message);
        Assert.InRange(busy.RetryAfter, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1));
        gate.SetResult();
        await first;
        await guarded.ListAllAsync("cluster", Token);
    }

    [Theory]
    [InlineData(false, false, BackendCapabilities.Hash | BackendCapabilities.List)]
    [InlineData(true, false, BackendCapabilities.Issued | BackendCapabilities.List)]
    [InlineData(false, true, BackendCapabilities.Hash | BackendCapabilities.List | BackendCapabilities.LastUse)]
    internal void Capabilities_FollowFromThePartsThatTheBackendHas(
        bool issues, bool tellsUses, BackendCapabilities expected)
    {
        // Mutant: the guard offers an issuer for a backend that has none.
        _backend.SetupGet(one => one.DeclaredCapabilities).Returns(BackendCapabilities.List);
        _backend.SetupGet(one => one.Issuer).Returns(issues ? Mock.Of<IPasswordIssuer>() : null);
        _backend.SetupGet(one => one.Uses).Returns(tellsUses ? Mock.Of<IDeviceUses>() : null);
        GuardedBackend guarded = Guard();

        Assert.Equal(expected, guarded.Capabilities);
        Assert.Equal((issues, tellsUses), (guarded.Issuer is not null, guarded.Uses is not null));
    }

    [Fact]
    public async Task Issue_BackendDown_OpensTheBreakerOfTheBackend()
    {
        // Mutant: the issuer is handed out without the guard.
        var issuer = new Mock<IPasswordIssuer>();
        issuer.Setup(one => one.IssueAsync(It.IsAny<Slot>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new MailBackendException(BackendFailure.Unavailable, "no route"));
        _backend.SetupGet(one => one.Issuer).Returns(issuer.Object);
        GuardedBackend guarded = Guard();
        for (int call = 0; call < CircuitBreaker.FailuresToOpen; call++)
        {
            await Assert.ThrowsAsync<MailBackendException>(() => guarded.Issuer!.IssueAsync(null!, Token));
        }

        Assert.Equal(
            "no route",
            (await Assert.ThrowsAsync<MailBackendException>(() => guarded.ListAsync(Owner, Token))).Message);
        _backend.Verify(one => one.ListAsync(It.IsAny<SlotOwner>(), It.IsAny<CancellationToken>()), Times.Never);
    }

    private GuardedBackend Guard(int limit = 100) =>
        new("dovecot", _backend.Object, limit, NoMetrics.OfBackends, _clock);

    private void Answer(Func<Task> answer) => Answer(_ => answer());

    private void Answer(Func<CancellationToken, Task> answer)
    {
        _backend.Setup(one => one.ListAsync(It.IsAny<SlotOwner>(), It.IsAny<CancellationToken>()))
            .Returns((SlotOwner _, CancellationToken token) => NoneAfter(answer(token)));
        _backend.Setup(one => one.ListAllAsync(It.IsAny<string>(), It.IsAny<CancellationToken>()))
            .Returns((string _, CancellationToken token) => NoneAfter(answer(token)));
        _backend.Setup(one => one.CheckWritableAsync(It.IsAny<CancellationToken>())).Returns(answer);
        _backend.Setup(one => one.ApplyAsync(It.IsAny<SlotChange>(), It.IsAny<CancellationToken>()))
            .Returns((SlotChange _, CancellationToken token) => answer(token));
        _backend.Setup(one => one.RemoveAsync(It.IsAny<SlotOwner>(), It.IsAny<CancellationToken>()))
            .Returns((SlotOwner _, CancellationToken token) => answer(token));
    }

    private static async Task<IReadOnlyList<Slot>> NoneAfter(Task answer)
    {
        await answer;
        return [];
    }
}
