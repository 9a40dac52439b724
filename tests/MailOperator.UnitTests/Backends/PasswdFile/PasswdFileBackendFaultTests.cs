using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;
using MailOperator.UnitTests.Kubernetes;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Backends.PasswdFile;

public sealed class PasswdFileBackendFaultTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ScriptedTarget _target = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Apply_SeveralConflicts_EachTimeReadsAnewAndKeepsWhatOthersWrote()
    {
        await using var backend = new PasswdFileBackend(_target, _clock);
        int others = 0;
        _target.OnWrite = _ =>
        {
            if (others < 5)
            {
                _target.Set(_target.Text + $"theirs{++others}:x\n");
            }

            return Task.CompletedTask;
        };

        await backend.ApplyAsync(Put(1), Token);

        Assert.Equal(6, _target.Tries);
        // Five of theirs and one of ours.
        Assert.Equal(6, _target.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Apply_ConflictForEver_GivesUpAndSaysWhy()
    {
        await using var backend = new PasswdFileBackend(_target, _clock);
        _target.OnWrite = Fight;

        MailBackendException failure = await Assert.ThrowsAsync<MailBackendException>(
            () => backend.ApplyAsync(Put(1), Token));

        Assert.Equal(BackendFailure.Unavailable, failure.Failure);
        Assert.Contains("changed by others", failure.Message);
        Assert.InRange(_target.Tries, 5, 50);
        Assert.DoesNotContain("imap/", _target.Text);

        Task Fight(CancellationToken cancellationToken)
        {
            _target.Set(_target.Text + "theirs:x\n");
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Apply_KeyFreedBetweenTwoTries_IsAcceptedAfterAll()
    {
        // Mutant: keeps the refusal of an older text and fails a change that was written.
        _target.Set("imap/box1@example.com/s00001:{PLAIN}theirs\n");
        await using var backend = new PasswdFileBackend(_target, _clock);
        _target.OnWrite = _ =>
        {
            _target.OnWrite = static _ => Task.CompletedTask;
            _target.Set("");
            return Task.CompletedTask;
        };
        // Both arrive during the read, and share a write.
        var look = new TaskCompletionSource();
        bool isReading = false;
        _target.OnRead = _ =>
        {
            isReading = true;
            return look.Task;
        };
        Task list = backend.ListAllAsync("cluster", Token);
        await Until.IsSoAsync(() => Volatile.Read(ref isReading));
        Task both = Task.WhenAll(backend.ApplyAsync(Put(1), Token), backend.ApplyAsync(Put(2), Token));
        _target.OnRead = static _ => Task.CompletedTask;
        look.SetResult();
        await list;

        await Until.IsSoAsync(_clock, _target.WriteInterval, () => both.IsCompleted);

        await both;
        Assert.Equal(2, (await backend.ListAllAsync("cluster", Token)).Count);
    }

    [Fact]
    public async Task Apply_WriteFails_FailsEveryWaiterAndTheNextTryStartsFromTheFile()
    {
        await using var backend = new PasswdFileBackend(_target, _clock);
        await backend.ApplyAsync(Put(0), Token);
        string before = _target.Text;
        _target.OnWrite = static _ =>
            Task.FromException(new MailBackendException(BackendFailure.Unauthorized, "read-only"));
        Task[] all = [.. Enumerable.Range(1, 20).Select(number => backend.ApplyAsync(Put(number), Token))];

        await Until.IsSoAsync(_clock, _target.WriteInterval, () => all.All(static one => one.IsCompleted));

        Assert.All(all, one => Assert.Equal("read-only", one.Exception?.InnerException?.Message));
        Assert.Equal(before, _target.Text);
        _target.OnWrite = static _ => Task.CompletedTask;
        Task again = backend.ApplyAsync(Put(30), Token);
        await Until.IsSoAsync(_clock, _target.WriteInterval, () => again.IsCompleted);
        // Mutant: failed changes stay in the cached document, and the next write adds slots that nobody knows.
        Assert.Equal(
            ["s00000", "s00030"], (await backend.ListAllAsync("cluster", Token)).Select(slot => slot.Selector));
    }

    [Fact]
    public async Task Apply_TargetThrowsAnything_ReachesTheCallerAndTheLoopLivesOn()
    {
        await using var backend = new PasswdFileBackend(_target, _clock);
        _target.OnRead = static _ => Task.FromException(new InvalidOperationException("a bug"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => backend.ListAllAsync("cluster", Token));
        _target.OnRead = static _ => Task.CompletedTask;

        Assert.Empty(await backend.ListAllAsync("cluster", Token));
    }

    [Fact]
    public async Task Apply_AllRefused_WritesNothing()
    {
        _target.Set("imap/box1@example.com/s00001:{PLAIN}theirs\n");
        await using var backend = new PasswdFileBackend(_target, _clock);

        await Assert.ThrowsAsync<MailBackendException>(() => backend.ApplyAsync(Put(1), Token));

        Assert.Equal(0, _target.Tries);
    }

    [Fact]
    public async Task Apply_CallerGivesUp_DoesNotHarmTheOthers()
    {
        await using var backend = new PasswdFileBackend(_target, _clock);
        using var impatient = new CancellationTokenSource();
        var gate = new TaskCompletionSource();
        _target.OnWrite = _ => gate.Task;
        Task first = backend.ApplyAsync(Put(1), impatient.Token), second = backend.ApplyAsync(Put(2), Token);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        await Until.IsSoAsync(_clock, _target.WriteInterval, () => second.IsCompleted);

        await second;
    }

    [Fact]
    public async Task Apply_WhileAWriteIsUnderWay_GoesTogetherInTheNext()
    {
        await using var backend = new PasswdFileBackend(_target, _clock);
        var gate = new TaskCompletionSource();
        _target.OnWrite = _ => gate.Task;
        Task first = backend.ApplyAsync(Put(0), Token);
        await Until.IsSoAsync(() => _target.Tries == 1);
        Task others = Task.WhenAll(Enumerable.Range(1, 100).Select(number => backend.ApplyAsync(Put(number), Token)));

        gate.SetResult();
        await first;
        await Until.IsSoAsync(_clock, _target.WriteInterval, () => others.IsCompleted);

        await others;
        Assert.Equal(2, backend.Writes);
    }

    [Fact]
    public async Task List_FreshEnough_IsAnsweredWithoutAReadButAWriteNeverIs()
    {
        var target = new ScriptedTarget { ReadFreshness = TimeSpan.FromSeconds(1) };
        await using var backend = new PasswdFileBackend(target, _clock);
        await backend.ListAllAsync("cluster", Token);
        target.Set("theirs:x\n");

        await backend.ListAllAsync("cluster", Token);
        Assert.Equal(1, target.Reads);
        await backend.ApplyAsync(Put(1), Token);
        Assert.Equal(2, target.Reads);
        Assert.Contains("theirs:x", target.Text);
        Assert.Single(await backend.ListAllAsync("cluster", Token)); // its own write is visible at once
        _clock.Advance(TimeSpan.FromSeconds(1));
        await backend.ListAllAsync("cluster", Token);

        Assert.Equal(3, target.Reads);
    }

    [Fact]
    public async Task Dispose_WithEverythingUnderWay_FailsWaitersClearlyAndEnds()
    {
        var backend = new PasswdFileBackend(_target, _clock);
        _target.OnRead = static token => token.IsCancellationRequested ? Task.FromCanceled(token) : Task.CompletedTask;
        _target.OnWrite = static token => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        Task write = backend.ApplyAsync(Put(1), Token);
        await Until.IsSoAsync(() => _target.Tries == 1);
        Task next = backend.ApplyAsync(Put(2), Token), list = backend.ListAllAsync("cluster", Token);

        await backend.DisposeAsync();

        foreach (Task one in (Task[])[write, next, list])
        {
            MailBackendException failure = await Assert.ThrowsAsync<MailBackendException>(() => one);
            Assert.Equal(BackendFailure.Busy, failure.Failure);
            Assert.Contains("have just changed", failure.Message);
        }

        await Assert.ThrowsAsync<MailBackendException>(() => backend.ListAsync(Put(1).Owner, Token));
        Assert.Equal("", _target.Text);
    }

    [Fact]
    public async Task List_TargetRunsOutOfTime_IsUnavailable()
    {
        // Mutant: it passes for changed settings, which are retried silently.
        await using var backend = new PasswdFileBackend(_target, _clock);
        _target.OnRead = static _ => Task.FromCanceled(new CancellationToken(canceled: true));

        MailBackendException failure = await Assert.ThrowsAsync<MailBackendException>(
            () => backend.ListAllAsync("cluster", Token));

        Assert.Equal(BackendFailure.Unavailable, failure.Failure);
    }

    private static SlotChange Put(int number)
    {
        var owner = new SlotOwner("cluster", $"uid-{number}");
        return new SlotChange(
            owner,
            [
                new Slot
                {
                    Owner = owner,
                    Selector = $"s{number:D5}",
                    Mailbox = $"box{number}@example.com",
                    Hash = "$2y$04$hash",
                    IssuedAt = DateTimeOffset.UnixEpoch,
                    Restrictions = new SlotRestrictions { DeviceName = "shop/x", Protocols = [MailProtocol.IMAP] },
                },
            ],
            []);
    }
}
