using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Backends.PasswdFile;

/// <summary>
/// A local passwd-file with credentials of devices, on a volume that leaves an empty directory when it is not mounted.
/// </summary>
public sealed class PasswdFileVolumeTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("mail-operator-unit-");
    private readonly string _mountPoint;
    private readonly LocalPasswdFile _file;

    public PasswdFileVolumeTests()
    {
        _mountPoint = _root.CreateSubdirectory("volume").FullName;
        _file = new LocalPasswdFile(
            PathOfFile, () => IsInUse, new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero)));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string PathOfFile => Path.Combine(_mountPoint, "app-passwords");

    private bool IsInUse { get; set; } = true;

    [Fact]
    public async Task Read_EmptyDirectory_IsNoProofThatCredentialsAreGone()
    {
        MailBackendException failure = await Assert.ThrowsAsync<MailBackendException>(
            () => _file.ReadAsync(null, Token));

        Assert.Equal(BackendFailure.Unavailable, failure.Failure);
        Assert.Contains(
            $"{PathOfFile} is missing, and so is {PathOfFile}.lock", failure.Message, StringComparison.Ordinal);
        Assert.Contains("create it empty", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_EmptyDirectoryBeforeTheFirstDevice_IsAnEmptyFile()
    {
        IsInUse = false;

        Assert.Equal("", (await _file.ReadAsync(null, Token)).Text);
    }

    [Fact]
    public async Task Read_FileDeletedOnItsVolume_IsAnEmptyFile()
    {
        // Mutant: a file that somebody deleted is never written again.
        await WriteFirstAsync();
        File.Delete(PathOfFile);

        (string? text, string version) = await _file.ReadAsync(null, Token);

        Assert.Equal("", text);
        Assert.NotNull(await _file.TryWriteAsync("a:b\n", version, Token));
    }

    [Fact]
    public async Task Read_EmptyFileMadeByHand_IsTaken()
    {
        await File.WriteAllTextAsync(PathOfFile, "", Token);

        (string? text, string version) = await _file.ReadAsync(null, Token);

        Assert.Equal("", text);
        Assert.NotNull(await _file.TryWriteAsync("a:b\n", version, Token));
    }

    [Fact]
    public async Task Write_VolumeGoneSinceItWasRead_LeavesNothingInItsPlace()
    {
        // Mutant: a lock file is left in the mount point, so that the empty directory passes for the volume.
        string version = await WriteFirstAsync();
        Directory.Move(_mountPoint, _mountPoint + ".away");
        Directory.CreateDirectory(_mountPoint);

        await Assert.ThrowsAsync<MailBackendException>(() => _file.TryWriteAsync("", version, Token));

        Assert.Empty(Directory.EnumerateFileSystemEntries(_mountPoint));
    }

    public void Dispose() => _root.Delete(recursive: true);

    private async Task<string> WriteFirstAsync()
    {
        IsInUse = false;
        string version = (await _file.TryWriteAsync("a:b\n", (await _file.ReadAsync(null, Token)).Version, Token))!;
        IsInUse = true;
        return version;
    }
}
