using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;
using MailOperator.UnitTests.Kubernetes;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Backends.PasswdFile;

public sealed class LocalPasswdFileFaultTests : IDisposable
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mail-operator-unit-");
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string PathOfFile => Path.Combine(_folder.FullName, "app-passwords");

    [Fact]
    public async Task Write_OverAFileOfAnyMode_LeavesItReadableByItsGroupAlone()
    {
        await File.WriteAllTextAsync(PathOfFile, "old:x\n", Token);
        File.SetUnixFileMode(PathOfFile, Mode | UnixFileMode.OtherRead | UnixFileMode.GroupWrite);
        await File.WriteAllTextAsync(
            PathOfFile + ".new", "left by a crash, and longer than what is written now", Token);
        File.SetUnixFileMode(PathOfFile + ".new", Mode | UnixFileMode.OtherRead);

        await WriteAsync("a:b\n");

        Assert.Equal("a:b\n", await File.ReadAllTextAsync(PathOfFile, Token));
        Assert.Equal(Mode, File.GetUnixFileMode(PathOfFile));
        Assert.False(File.Exists(PathOfFile + ".new"));
    }

    [Fact]
    public async Task Write_WhileSomebodyReads_LeavesThemTheOldFileWhole()
    {
        await WriteAsync("old:x\n");
        using var reader = new StreamReader(
            new FileStream(PathOfFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));

        await WriteAsync("new:y\nnew:z\n");

        // Mutant: writes the file in place, so that Dovecot reads half a line.
        Assert.Equal("old:x\n", await reader.ReadToEndAsync(Token));
    }

    [Fact]
    public async Task Write_CannotBeFinished_LeavesTheFileAsItWas()
    {
        await WriteAsync("old:x\n");
        DateTime time = File.GetLastWriteTimeUtc(PathOfFile);
        Directory.CreateDirectory(PathOfFile + ".new");

        await Assert.ThrowsAsync<MailBackendException>(() => WriteAsync("new:y\n"));

        Assert.Equal(
            ("old:x\n", time), (await File.ReadAllTextAsync(PathOfFile, Token), File.GetLastWriteTimeUtc(PathOfFile)));
        Directory.Delete(PathOfFile + ".new");
        await WriteAsync("new:y\n"); // the lock was released
    }

    [Fact]
    public async Task Write_ClockBehindTheFile_IsStillASecondNewer()
    {
        // Dovecot compares the time in whole seconds: a clock that is set back must not hide a revocation.
        await WriteAsync("a:1\n");
        DateTime ahead = _clock.GetUtcNow().UtcDateTime.AddHours(3).AddMilliseconds(999);
        File.SetLastWriteTimeUtc(PathOfFile, ahead);

        await WriteAsync("a:2\n");

        Assert.True(Seconds(File.GetLastWriteTimeUtc(PathOfFile)) > Seconds(ahead));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(999)]
    [InlineData(1000)]
    [InlineData(1001)]
    public async Task Write_AnyTimeAfterTheLast_HasAnotherWholeSecond(int milliseconds)
    {
        _clock.Advance(TimeSpan.FromMilliseconds(500));
        await WriteAsync("a:1\n");
        long first = Seconds(File.GetLastWriteTimeUtc(PathOfFile));
        _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

        await WriteAsync("a:2\n");

        Assert.True(Seconds(File.GetLastWriteTimeUtc(PathOfFile)) > first);
    }

    [Fact]
    public async Task Write_LongAfterTheLast_HasTheTimeOfTheClock()
    {
        await WriteAsync("a:1\n");
        _clock.Advance(TimeSpan.FromHours(5));

        await WriteAsync("a:2\n");

        // It catches up with the clock.
        Assert.Equal(_clock.GetUtcNow().UtcDateTime, File.GetLastWriteTimeUtc(PathOfFile));
    }

    [Fact]
    public async Task Write_FileMadeOrRemovedMeanwhile_IsRefused()
    {
        LocalPasswdFile file = Open();
        string absent = (await file.ReadAsync(null, Token)).Version;
        await File.WriteAllTextAsync(PathOfFile, "theirs:x\n", Token);
        Assert.Null(await file.TryWriteAsync("ours:x\n", absent, Token));
        string present = (await file.ReadAsync(null, Token)).Version;
        File.Delete(PathOfFile);

        Assert.Null(await file.TryWriteAsync("ours:x\n", present, Token));

        Assert.False(File.Exists(PathOfFile));
    }

    [Fact]
    public async Task Read_FileEditedByHand_IsSeen()
    {
        LocalPasswdFile file = Open();
        await WriteAsync("a:b\n");
        string version = (await file.ReadAsync(null, Token)).Version;
        await File.AppendAllTextAsync(PathOfFile, "c:d\n", Token);

        (string? text, string newer) = await file.ReadAsync(version, Token);

        Assert.Equal("a:b\nc:d\n", text);
        Assert.NotEqual(version, newer);
    }

    [Fact]
    public async Task Write_LockOfAnotherInstance_IsWaitedForAndThenTaken()
    {
        LocalPasswdFile file = Open();
        string version = (await file.ReadAsync(null, Token)).Version;
        var held = new FileStream(PathOfFile + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        Task<string?> writing = file.TryWriteAsync("a:b\n", version, Token);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(File.Exists(PathOfFile));

        await held.DisposeAsync();
        await Until.IsSoAsync(_clock, TimeSpan.FromMilliseconds(20), () => writing.IsCompleted);

        Assert.NotNull(await writing);
        Assert.Equal("a:b\n", await File.ReadAllTextAsync(PathOfFile, Token));
    }

    [Fact]
    public async Task Write_TwoInstancesAtOnce_OnlyOneOfThemSucceeds()
    {
        for (int round = 0; round < 20; round++)
        {
            string version = (await Open().ReadAsync(null, Token)).Version;
            Task<string?>[] writes = [.. Enumerable.Range(0, 4)
                .Select(number => Task.Run(() => Open().TryWriteAsync($"{round}:{number}\n", version, Token), Token))];
            Task<string?[]> all = Task.WhenAll(writes);
            await Until.IsSoAsync(_clock, TimeSpan.FromMilliseconds(20), () => all.IsCompleted);

            string?[] results = await all;
            int winner = Array.FindIndex(results, static written => written is not null);
            Assert.Single(results, static written => written is not null);
            Assert.Equal($"{round}:{winner}\n", await File.ReadAllTextAsync(PathOfFile, Token));
        }
    }

    [Fact]
    public async Task Write_CancelledWhileItWaitsForTheLock_Ends()
    {
        LocalPasswdFile file = Open();
        string version = (await file.ReadAsync(null, Token)).Version;
        await using var held = new FileStream(
            PathOfFile + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        using var stop = new CancellationTokenSource();
        Task<string?> writing = file.TryWriteAsync("a:b\n", version, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
    }

    [Fact]
    public async Task Write_DirectoryMissing_FailsAndMakesNone()
    {
        string folder = Path.Combine(_folder.FullName, "unmounted");
        var file = new LocalPasswdFile(Path.Combine(folder, "app-passwords"), isInUse: static () => false, _clock);

        MailBackendException failure = await Assert.ThrowsAsync<MailBackendException>(
            () => file.TryWriteAsync("a:b\n", "absent", Token));

        Assert.Equal(BackendFailure.Unavailable, failure.Failure);
        Assert.Contains(folder, failure.Message);
        Assert.False(Directory.Exists(folder));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static long Seconds(DateTime time) => new DateTimeOffset(time).ToUnixTimeSeconds();

    private LocalPasswdFile Open() => new(PathOfFile, isInUse: static () => false, _clock);

    private async Task WriteAsync(string text)
    {
        LocalPasswdFile file = Open();
        Assert.NotNull(await file.TryWriteAsync(text, (await file.ReadAsync(null, Token)).Version, Token));
    }
}
