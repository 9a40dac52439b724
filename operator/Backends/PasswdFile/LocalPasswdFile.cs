using System.Globalization;
using System.Text;

namespace MailOperator.Backends.PasswdFile;

/// <summary>
/// A passwd-file on a local disk, replaced whole: written beside it, flushed, renamed. Readers see the old file or
/// the new one. A lock file keeps two operators on one volume from writing over each other, and stays: by it a file that
/// was deleted is told from a volume that is not mounted, which leaves an empty directory.
/// </summary>
/// <param name="path">The file, by its absolute path.</param>
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

    public TimeSpan ReadFreshness => TimeSpan.Zero; // asking the disk costs next to nothing

    /// <summary>Dovecot looks at the file's time once a second.</summary>
    public TimeSpan PropagationDelay => TimeSpan.FromSeconds(2);

    /// <summary>Dovecot looks at a file's time at most once in each second of the clock: from the next one on it looks again.</summary>
    public TimeSpan VisibleIn => TimeSpan.FromTicks(TimeSpan.TicksPerSecond - (clock.GetUtcNow().Ticks % TimeSpan.TicksPerSecond)) + ClockTolerance;

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
            // Asked before the lock too, which would mark a directory that has taken the volume's place as the volume.
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
        return file.Exists ? string.Create(CultureInfo.InvariantCulture, $"{file.LastWriteTimeUtc.Ticks}-{file.Length}")
            : Directory.Exists(path) ? throw new IOException("It is a directory.")
            : !Directory.Exists(Path.GetDirectoryName(path)) ? throw new DirectoryNotFoundException($"There is no directory {Path.GetDirectoryName(path)}.")
            : File.Exists(LockPath) || !isInUse() ? Absent
            : throw NotTheVolume();
    }

    // A file that is not there yet is empty. A volume that is not there is no proof of anything, and least of all that a
    // credential has gone.
    private MailBackendException NotTheVolume() => new(
        BackendFailure.Unavailable,
        $"The passwd-file {path} is missing, and so is {LockPath}, which the operator leaves beside it, though MailDevices have passwords in it: "
        + "another volume is mounted there, or none. Mount the right one; if the file is to be made anew, create it empty.");

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
    /// Dovecot compares a file's time in whole seconds, and its size: a second change within the second that leaves
    /// the size as it is would go unseen, and a revoked password would live on. So each write is a second newer.
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
                // FileShare.None is an advisory lock (flock) that ends with the process that holds it.
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

    // EWOULDBLOCK, as .NET reports a lock that another process has.
    private static bool IsHeldByAnother(IOException e) => e.HResult == 11;

    // EROFS.
    private static bool IsReadOnly(Exception e) => e.HResult == 30;

    private MailBackendException Failed(string what, Exception e) =>
        e is UnauthorizedAccessException ? new MailBackendException(
            BackendFailure.Unauthorized, $"The operator may not {what} {path}; give its user the right to {what} the file and to make files beside it.", e)
        : IsReadOnly(e) ? new MailBackendException(
            BackendFailure.Unauthorized, $"The operator may not {what} {path}: its volume is mounted read-only. Mount it into the operator's pod without readOnly.", e)
        : new MailBackendException(
            BackendFailure.Unavailable,
            $"The operator could not {what} {path}: {e.Message} Check that its directory is mounted into the operator's pod and has space.", e);
}
