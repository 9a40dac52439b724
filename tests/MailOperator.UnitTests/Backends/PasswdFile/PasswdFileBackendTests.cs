using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Backends.PasswdFile;

public sealed class PasswdFileBackendTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly MemoryTarget _target = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Apply_Burst_CostsFewWrites()
    {
        await using var backend = new PasswdFileBackend(_target, _clock);
        Task all = Task.WhenAll(Enumerable.Range(0, 500).Select(number => backend.ApplyAsync(Put(number), Token)));

        await AdvanceUntilAsync(all);

        Assert.InRange(backend.Writes, 1, 10);
        Assert.Equal(500, (await backend.ListAllAsync("cluster", Token)).Count);
    }

    [Fact]
    public async Task Apply_FirstAfterAQuietTime_GoesAtOnce()
    {
        await using var backend = new PasswdFileBackend(_target, _clock);

        await backend.ApplyAsync(Put(1), Token); // the clock stands still: any delay would hang here

        Assert.Equal(1, backend.Writes);
    }

    [Fact]
    public async Task Apply_NewSlot_IsDoneOnceMailServersMustSeeIt()
    {
        // Mutant: completes once the file is written, although the password is refused for the rest of the second.
        await using var backend = new PasswdFileBackend(_target, _clock);
        _target.VisibleIn = TimeSpan.FromMilliseconds(700);

        Task put = backend.ApplyAsync(Put(1), Token);
        await backend.ListAllAsync("cluster", Token); // reads go first: it may be answered before the write
        await backend.ListAllAsync("cluster", Token);
        Assert.NotEmpty(_target.Text);
        Assert.False(put.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(699));
        Assert.False(put.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        await put;
    }

    [Fact]
    public async Task Apply_NothingNew_IsDoneAtOnce()
    {
        await using var backend = new PasswdFileBackend(_target, _clock);
        await backend.ApplyAsync(Put(1), Token);
        _target.VisibleIn = TimeSpan.FromMilliseconds(700);
        _clock.Advance(_target.WriteInterval);

        SlotChange suspend = Put(1) with
        {
            Put = [Put(1).Put[0] with { Restrictions = Put(1).Put[0].Restrictions with { IsSuspended = true } }],
        };
        await backend.ApplyAsync(suspend, Token); // the clock stands still: any delay would hang here
    }

    [Fact]
    public async Task List_WhileAWriteWaitsItsTurn_IsAnsweredAtOnce()
    {
        await using var backend = new PasswdFileBackend(_target, _clock);
        await backend.ApplyAsync(Put(1), Token);
        Task second = backend.ApplyAsync(Put(2), Token);

        IReadOnlyList<Slot> slots = await backend.ListAllAsync("cluster", Token);

        Assert.Single(slots);
        Assert.False(second.IsCompleted);
        await AdvanceUntilAsync(second);
    }

    [Fact]
    public async Task Apply_FileChangedByAnother_IsAppliedToWhatIsThere()
    {
        await using var backend = new PasswdFileBackend(_target, _clock);
        await backend.ApplyAsync(Put(1), Token);
        _target.BeforeNextWrite = () => _target.Set(_target.Text + "theirs:x\n");

        Task second = backend.ApplyAsync(Put(2), Token);
        await AdvanceUntilAsync(second);

        Assert.Contains("theirs:x", _target.Text);
        Assert.Equal(2, (await backend.ListAllAsync("cluster", Token)).Count);
    }

    [Fact]
    public async Task Apply_WriteFails_TellsEverybodyAndForgetsTheChange()
    {
        await using var backend = new PasswdFileBackend(_target, _clock);
        _target.BeforeNextWrite = () => throw new MailBackendException(BackendFailure.Unauthorized, "no right");

        await Assert.ThrowsAsync<MailBackendException>(() => backend.ApplyAsync(Put(1), Token));

        Assert.Empty(await backend.ListAllAsync("cluster", Token)); // mutant: a kept document still shows the slot
        Assert.Equal("", _target.Text);
    }

    [Fact]
    public async Task Apply_OneRefusedInABatch_DoesNotFailTheOthers()
    {
        _target.Set("imap/box2@example.com/s00002:{PLAIN}theirs\n");
        await using var backend = new PasswdFileBackend(_target, _clock);
        Task[] all = [.. Enumerable.Range(1, 3).Select(number => backend.ApplyAsync(Put(number), Token))];

        await AdvanceUntilAsync(Task.WhenAll(all).ContinueWith(static _ => { }, TaskScheduler.Default));

        Assert.True(all[0].IsCompletedSuccessfully && all[2].IsCompletedSuccessfully);
        await Assert.ThrowsAsync<MailBackendException>(() => all[1]);
    }

    [Fact]
    public async Task Apply_NothingToChange_WritesNothing()
    {
        await using var backend = new PasswdFileBackend(_target, _clock);
        await backend.ApplyAsync(Put(1), Token);
        Task again = backend.ApplyAsync(Put(1), Token);

        await AdvanceUntilAsync(again);

        Assert.Equal(1, backend.Writes);
    }

    [Fact]
    public async Task Remove_AllOfADevice_LeavesNone()
    {
        await using var backend = new PasswdFileBackend(_target, _clock);
        await backend.ApplyAsync(Put(1), Token);

        Task removing = backend.RemoveAsync(Owner(1), Token);
        await AdvanceUntilAsync(removing);

        Assert.Equal("", _target.Text);
    }

    [Fact]
    public async Task Dispose_WithAWriteWaiting_SaysToTryAgain()
    {
        var backend = new PasswdFileBackend(_target, _clock);
        await backend.ApplyAsync(Put(1), Token);
        Task waiting = backend.ApplyAsync(Put(2), Token);

        await backend.DisposeAsync();

        Assert.Equal(BackendFailure.Busy, (await Assert.ThrowsAsync<MailBackendException>(() => waiting)).Failure);
        await Assert.ThrowsAsync<MailBackendException>(() => backend.ApplyAsync(Put(3), Token));
    }

    private async Task AdvanceUntilAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            _clock.Advance(_target.WriteInterval);
            await Task.WhenAny(task, Task.Run(static () => { }, Token));
        }

        await task;
    }

    private static SlotOwner Owner(int number) => new("cluster", $"uid-{number}");

    private static SlotChange Put(int number) => new(
        Owner(number),
        [
            new Slot
            {
                Owner = Owner(number),
                Selector = $"s{number:D5}",
                Mailbox = $"box{number}@example.com",
                Hash = "$2y$04$hash",
                IssuedAt = DateTimeOffset.UnixEpoch,
                Restrictions = new SlotRestrictions { DeviceName = "shop/x", Protocols = [MailProtocol.IMAP] },
            },
        ],
        []);

    private sealed class MemoryTarget : IPasswdFileTarget
    {
        private int _version;

        public string Text { get; private set; } = "";

        public Action? BeforeNextWrite { get; set; }

        public TimeSpan WriteInterval => TimeSpan.FromMilliseconds(100);

        public TimeSpan PropagationDelay => TimeSpan.Zero;

        public TimeSpan VisibleIn { get; set; }

        public TimeSpan ReadFreshness => TimeSpan.Zero;

        public void Set(string text)
        {
            Text = text;
            _version++;
        }

        public Task<(string? Text, string Version)> ReadAsync(string? known, CancellationToken cancellationToken) =>
            Task.FromResult((known == $"{_version}" ? null : Text, $"{_version}"));

        public Task CheckWritableAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<string?> TryWriteAsync(string text, string version, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Action? before = BeforeNextWrite;
            BeforeNextWrite = null;
            before?.Invoke();
            if (version != $"{_version}")
            {
                return Task.FromResult<string?>(null);
            }

            Set(text);
            return Task.FromResult<string?>($"{_version}");
        }
    }
}
