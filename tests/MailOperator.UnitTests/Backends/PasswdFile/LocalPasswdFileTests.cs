using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Backends.PasswdFile;

public sealed class LocalPasswdFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mail-operator-unit-");
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    private string PathOfFile => Path.Combine(_folder.FullName, "app-passwords");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Write_NewFile_HasModeAndContentAndNothingIsLeftBeside()
    {
        var file = new LocalPasswdFile(PathOfFile, isInUse: static () => false, _clock);
        (string? text, string version) = await file.ReadAsync(null, Token);
        Assert.Equal("", text);

        Assert.NotNull(await file.TryWriteAsync("a:b\n", version, Token));

        Assert.Equal("a:b\n", await File.ReadAllTextAsync(PathOfFile, Token));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(PathOfFile));
        Assert.Equal(
            ["app-passwords", "app-passwords.lock"],
            _folder.GetFiles().Select(one => one.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Write_TwiceWithinASecond_IsAWholeSecondNewerEachTime()
    {
        // Dovecot compares whole seconds and the size: without the extra second it would miss the second of two
        // equal-sized changes.
        var file = new LocalPasswdFile(PathOfFile, isInUse: static () => false, _clock);
        string version = (await file.ReadAsync(null, Token)).Version;
        var times = new List<DateTime>();
        foreach (string text in (string[])["a:1\n", "a:2\n", "a:3\n"])
        {
            version = (await file.TryWriteAsync(text, version, Token))!;
            times.Add(File.GetLastWriteTimeUtc(PathOfFile));
        }

        Assert.True(times[1] - times[0] >= TimeSpan.FromSeconds(1) && times[2] - times[1] >= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Write_FileChangedMeanwhile_IsRefused()
    {
        var file = new LocalPasswdFile(PathOfFile, isInUse: static () => false, _clock);
        string version = (await file.ReadAsync(null, Token)).Version;
        await new LocalPasswdFile(PathOfFile, isInUse: static () => false, _clock)
            .TryWriteAsync("theirs:x\n", version, Token);

        Assert.Null(await file.TryWriteAsync("ours:x\n", version, Token));

        Assert.Equal("theirs:x\n", await File.ReadAllTextAsync(PathOfFile, Token));
    }

    [Fact]
    public async Task Read_SameVersion_ReadsNothing()
    {
        var file = new LocalPasswdFile(PathOfFile, isInUse: static () => false, _clock);
        string version = (await file.TryWriteAsync("a:b\n", (await file.ReadAsync(null, Token)).Version, Token))!;

        Assert.Equal((null, version), await file.ReadAsync(version, Token));
    }

    [Fact]
    public async Task Read_DirectoryMissing_IsAFailureAndNoEmptyFile()
    {
        // Otherwise an unmounted volume would mean that every credential is gone.
        var file = new LocalPasswdFile(
            Path.Combine(_folder.FullName, "unmounted", "app-passwords"), isInUse: static () => false, _clock);

        MailBackendException failure = await Assert.ThrowsAsync<MailBackendException>(
            () => file.ReadAsync(null, Token));

        Assert.Equal(BackendFailure.Unavailable, failure.Failure);
        Assert.Contains("unmounted", failure.Message);
    }

    [Fact]
    public async Task Read_PathIsADirectory_IsAFailure() =>
        await Assert.ThrowsAsync<MailBackendException>(
            () => new LocalPasswdFile(_folder.FullName, isInUse: static () => false, _clock).ReadAsync(null, Token));

    [Fact]
    public async Task Write_LockHeldByAnother_WaitsAndThenFails()
    {
        var file = new LocalPasswdFile(PathOfFile, isInUse: static () => false, _clock);
        string version = (await file.ReadAsync(null, Token)).Version;
        await using FileStream held = new(
            PathOfFile + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        Task<string?> writing = file.TryWriteAsync("a:b\n", version, Token);

        while (!writing.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await Assert.ThrowsAsync<MailBackendException>(() => writing);
        Assert.False(File.Exists(PathOfFile));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
