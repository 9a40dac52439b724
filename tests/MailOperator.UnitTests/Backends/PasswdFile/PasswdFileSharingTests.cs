using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Backends.PasswdFile;

/// <summary>A local passwd-file that is shared with others, or unusable.</summary>
public sealed class PasswdFileSharingTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mail-operator-unit-");
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    private string PathOfFile => Path.Combine(_folder.FullName, "app-passwords");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Write_TwoOperatorsAtOnce_LoseNothing()
    {
        // Mutant: no lock. Both find the version that they read, and the second rename loses the first one's line.
        await Task.WhenAll(
            Enumerable.Range(0, 2).Select(writer => Task.Run(() => AddLinesAsync($"writer{writer}", 20), Token)));

        string[] lines = await File.ReadAllLinesAsync(PathOfFile, Token);
        Assert.Equal(40, lines.Distinct().Count());
    }

    [Fact]
    public async Task Write_ThereAlready_KeepsNothingOfAnUnfinishedOne()
    {
        await File.WriteAllTextAsync(PathOfFile + ".new", new string('x', 10_000), Token); // left by a killed process
        var file = new LocalPasswdFile(PathOfFile, isInUse: static () => false, _clock);

        await file.TryWriteAsync("a:b\n", (await file.ReadAsync(null, Token)).Version, Token);

        Assert.Equal("a:b\n", await File.ReadAllTextAsync(PathOfFile, Token));
        Assert.False(File.Exists(PathOfFile + ".new"));
    }

    [Fact]
    public async Task Write_ClockBehindTheFile_IsStillNewer()
    {
        await File.WriteAllTextAsync(PathOfFile, "a:1\n", Token);
        File.SetLastWriteTimeUtc(PathOfFile, _clock.GetUtcNow().UtcDateTime.AddHours(3));
        DateTime before = File.GetLastWriteTimeUtc(PathOfFile);
        var file = new LocalPasswdFile(PathOfFile, isInUse: static () => false, _clock);

        await file.TryWriteAsync("a:2\n", (await file.ReadAsync(null, Token)).Version, Token);

        Assert.Equal(before.AddSeconds(1), File.GetLastWriteTimeUtc(PathOfFile));
    }

    [Fact]
    public async Task Write_DirectoryIsAFile_SaysWhichPathAndWhatToDo()
    {
        // Not even root can write there.
        await File.WriteAllTextAsync(PathOfFile, "", Token);
        var file = new LocalPasswdFile(Path.Combine(PathOfFile, "below"), isInUse: static () => false, _clock);

        MailBackendException read = await Assert.ThrowsAsync<MailBackendException>(() => file.ReadAsync(null, Token));
        MailBackendException write = await Assert.ThrowsAsync<MailBackendException>(
            () => file.TryWriteAsync("a:b\n", "absent", Token));

        Assert.All([read, write], failure =>
        {
            Assert.Equal(BackendFailure.Unavailable, failure.Failure);
            Assert.Contains(PathOfFile, failure.Message);
            Assert.Contains("mounted", failure.Message);
        });
    }

    [Fact]
    public async Task Write_FileRemovedMeanwhile_IsAConflict()
    {
        var file = new LocalPasswdFile(PathOfFile, isInUse: static () => false, _clock);
        string version = (await file.TryWriteAsync("a:b\n", (await file.ReadAsync(null, Token)).Version, Token))!;
        File.Delete(PathOfFile);

        Assert.Null(await file.TryWriteAsync("a:c\n", version, Token));

        Assert.False(File.Exists(PathOfFile));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task AddLinesAsync(string writer, int count)
    {
        var file = new LocalPasswdFile(PathOfFile, isInUse: static () => false, TimeProvider.System);
        for (int number = 0; number < count;)
        {
            (string? text, string version) = await file.ReadAsync(null, Token);
            if (await file.TryWriteAsync($"{text}{writer}-{number}:x\n", version, Token) is not null)
            {
                number++;
            }
        }
    }
}
