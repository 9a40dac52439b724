using System.Globalization;
using System.Text;

namespace MailOperator.Backends.PasswdFile;

/// <summary>
/// A passwd-file on a local disk, replaced atomically: written beside it, flushed, renamed. Readers see the old file or
/// the new one. A lock file keeps two operators on one volume from overwriting each other. It is never deleted: a
/// missing file with a lock file was deleted, and one without is on a volume that is not mounted.
/// </summary>
/// <param name="path">Absolute path of the file.</param>
/// <param name="isInUse">Whether devices have credentials in it.</param>
/// <param name="clock">The time.</param>
internal sealed class LocalPasswdFile(string path, Func<bool> isInUse, TimeProvider clock) : IPasswdFileTarget
{
    private const string Absent = "absent";
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10);

    public TimeSpan WriteInterval => TimeSpan.FromMilliseconds(100);

    public TimeSpan ReadFreshness => TimeSpan.Zero; // a look at the disk is cheap

    /// <summary>Dovecot checks the file's time once a second.</summary>
    public TimeSpan PropagationDelay => TimeSpan.FromSeconds(2);

    /// <summary>
    /// Dovecot checks a file's time at most once per second of the clock: from the next second on it checks again.
    /// </summary>
    public TimeSpan VisibleIn =>
        TimeSpan.FromTicks(TimeSpan.TicksPerSecond - (clock.GetUtcNow().Ticks % TimeSpan.TicksPerSecond))
        + ClockTolerance;

    public async Task<(string? Text, string Version)> ReadAsync(string? known, CancellationToken cancellationToken)
    {
        try
        {
            string version = VersionNow();
            return version == known
                ? (null, version)
                : (version == Absent ? "" : await File.ReadAllTextAsync(path, cancellationToken), version);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed("read", e);
        }
    }

    public async Task<string?> TryWriteAsync(string text, string version, CancellationToken cancellationToken)
    {
        try
        {
            // Check before locking too: the lock file would mark an unmounted directory as the volume.
            if (VersionNow() != version)
            {
                return null;
            }

            await using FileStream held = await LockAsync(cancellationToken);
            return VersionNow() == version ? Replace(text) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed("write", e);
        }
    }

    private string LockPath => $"{path}.lock";

    private string VersionNow()
    {
        var file = new FileInfo(path);
        if (file.Exists)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{file.LastWriteTimeUtc.Ticks}-{file.Length}");
        }

        if (Directory.Exists(path))
        {
            throw new IOException("It is a directory.");
        }

        string directory = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(directory))
        {
            throw new DirectoryNotFoundException($"There is no directory {directory}.");
        }

        return File.Exists(LockPath) || !isInUse() ? Absent : throw NotTheVolume();
    }

    // A missing file counts as empty, but an unmounted volume does not prove that credentials are gone.
    private MailBackendException NotTheVolume() => new(
        BackendFailure.Unavailable,
        $"The passwd-file {path} is missing, and so is {LockPath}, which the operator leaves beside it, "
        + "though MailDevices have "
        + "passwords in it: another volume is mounted there, or none. Mount the right one; "
        + "to start with a new file, create it empty.");

    private string Replace(string text)
    {
        string temporary = $"{path}.new";
        using (var stream = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = Mode,
        }))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
            if (File.Exists(path))
            {
                PosixFile.CopyOwner(path, stream.SafeFileHandle);
            }

            File.SetUnixFileMode(stream.SafeFileHandle, Mode);
            stream.Flush(flushToDisk: true);
            File.SetLastWriteTimeUtc(stream.SafeFileHandle, NextWriteTime());
        }

        File.Move(temporary, path, overwrite: true);
        PosixFile.FlushDirectory(Path.GetDirectoryName(path)!);
        return VersionNow();
    }

    /// <summary>
    /// Dovecot compares a file's time in whole seconds, and its size. It would miss a second change within the same
    /// second that keeps the size, and a revoked password would still work. So each write is dated a second later.
    /// </summary>
    private DateTime NextWriteTime()
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        if (!File.Exists(path))
        {
            return now;
        }

        DateTime atLeast = File.GetLastWriteTimeUtc(path).AddSeconds(1);
        return now > atLeast ? now : atLeast;
    }

    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        long started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                // FileShare.None is an advisory lock (flock) that ends with its process.
                return new FileStream(LockPath, new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    UnixCreateMode = Mode,
                });
            }
            catch (IOException e) when (IsHeldByAnother(e) && clock.GetElapsedTime(started) < LockPatience)
            {
                await Task.Delay(LockRetry, clock, cancellationToken);
            }
        }
    }

    // EWOULDBLOCK: another process holds the lock.
    private static bool IsHeldByAnother(IOException e) => e.HResult == 11;

    // EROFS.
    private static bool IsReadOnly(Exception e) => e.HResult == 30;

    private MailBackendException Failed(string what, Exception e) => e switch
    {
        UnauthorizedAccessException => new MailBackendException(
            BackendFailure.Unauthorized,
            $"The operator may not {what} {path}; give its user the right to {what} the file and to make "
            + "files beside it.",
            e),
        _ when IsReadOnly(e) => new MailBackendException(
            BackendFailure.Unauthorized,
            $"The operator may not {what} {path}: its volume is mounted read-only. Mount it into the operator's pod "
            + "without readOnly.",
            e),
        _ => new MailBackendException(
            BackendFailure.Unavailable,
            $"The operator could not {what} {path}: {e.Message} Check that its directory is mounted into the "
            + "operator's pod and has space.",
            e),
    };
}
