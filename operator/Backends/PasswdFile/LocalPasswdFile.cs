using System.Globalization;

namespace MailOperator.Backends.PasswdFile;

/// <summary>
/// A passwd-file on a local disk, replaced atomically: written beside it, flushed, renamed. Readers see the old file or
/// the new one. A lock file keeps two operators on one volume from overwriting each other. It is never deleted: a
/// missing file with a lock file was deleted, and one without is on a volume that is not mounted. A symbolic link is
/// followed, and what it names is replaced.
/// </summary>
/// <param name="path">Absolute path of the file.</param>
/// <param name="isInUse">Whether devices have credentials in it.</param>
/// <param name="clock">The time.</param>
internal sealed class LocalPasswdFile(string path, Func<bool> isInUse, TimeProvider clock) : IPasswdFileTarget
{
    private const string Absent = "absent";
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
    private const int MinSpace = 4096;
    private const int MaxSpace = 1024 * 1024;
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
            string file = Target();
            string version = VersionOf(file);
            if (version == known)
            {
                return (null, version);
            }

            return version == Absent
                ? ("", version)
                : (PasswdFileText.Of(await File.ReadAllBytesAsync(file, cancellationToken)), version);
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
            string file = Target();
            // Check before locking too: the lock file would mark an unmounted directory as the volume.
            if (VersionOf(file) != version)
            {
                return null;
            }

            await using FileStream held = await LockAsync(file, cancellationToken);
            return VersionOf(file) == version ? Replace(file, PasswdFileText.BytesOf(text)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed("write", e);
        }
    }

    public Task CheckWritableAsync(CancellationToken cancellationToken)
    {
        try
        {
            string file = Target();
            ThrowIfNotReplaceable(file);
            long size = File.Exists(file) ? new FileInfo(file).Length : 0;
            PosixFile.TryFileIn(Path.GetDirectoryName(file)!, (int)Math.Min(size + MinSpace, MaxSpace));
            return Task.CompletedTask;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed("write", e);
        }
    }

    // A link that names nothing yet is a file to be made where it points to.
    private string Target() => new FileInfo(path).LinkTarget is null
        ? path
        : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

    private static string LockOf(string file) => $"{file}.lock";

    private string VersionOf(string target)
    {
        var file = new FileInfo(target);
        if (file.Exists)
        {
            ulong inode = PosixFile.Find(target)?.Inode ?? 0;
            return string.Create(
                CultureInfo.InvariantCulture, $"{file.LastWriteTimeUtc.Ticks}-{file.Length}-{inode}");
        }

        if (Directory.Exists(target))
        {
            throw new IOException("It is a directory.");
        }

        string directory = Path.GetDirectoryName(target)!;
        if (!Directory.Exists(directory))
        {
            throw new DirectoryNotFoundException($"There is no directory {directory}.");
        }

        return File.Exists(LockOf(target)) || !isInUse() ? Absent : throw NotTheVolume(target);
    }

    // A missing file counts as empty, but an unmounted volume does not prove that credentials are gone.
    private static MailBackendException NotTheVolume(string file) => new(
        BackendFailure.Unavailable,
        $"The passwd-file {file} is missing, and so is {LockOf(file)}, which the operator leaves beside it, "
        + "though MailDevices have "
        + "passwords in it: another volume is mounted there, or none. Mount the right one; "
        + "to start with a new file, create it empty.");

    /// <summary>
    /// A file is replaced by another one of its name. Where the mail server may hold on to the old one, it would go on
    /// accepting what has ended.
    /// </summary>
    private static void ThrowIfNotReplaceable(string file)
    {
        if (PosixFile.Find(file) is not { } found)
        {
            return;
        }

        string? why = found switch
        {
            { IsRegular: false } => "it is not a regular file",
            { IsMountPoint: true } =>
                "it is mounted as a single file, which cannot be replaced. Mount the directory that it is in",
            { Links: > 1 } =>
                $"it has {found.Links} names (hard links), and a mail server that reads another of them would not see "
                + "a change. Leave it one name, and make the others symbolic links",
            _ => null,
        };
        if (why is not null)
        {
            throw new MailBackendException(
                BackendFailure.Rejected, $"The operator cannot write the passwd-file {file}: {why}.");
        }
    }

    private string Replace(string file, byte[] bytes)
    {
        ThrowIfNotReplaceable(file);
        string temporary = $"{file}.new";
        using (var stream = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = Mode,
        }))
        {
            if (PosixFile.Find(file) is { } known)
            {
                KeepAccess(file, known, stream, temporary);
            }

            stream.Write(bytes);
            File.SetUnixFileMode(stream.SafeFileHandle, Mode);
            stream.Flush(flushToDisk: true);
            File.SetLastWriteTimeUtc(stream.SafeFileHandle, NextWriteTime(file));
        }

        File.Move(temporary, file, overwrite: true);
        PosixFile.FlushDirectory(Path.GetDirectoryName(file)!);
        return VersionOf(file);
    }

    // Dovecot reads the file by its group. A file of another group would lock everybody out.
    private static void KeepAccess(string file, PosixStat known, FileStream stream, string temporary)
    {
        (_, uint group) = PosixFile.CopyAccess(file, known, stream.SafeFileHandle);
        if (group != known.Gid)
        {
            File.Delete(temporary);
            throw new MailBackendException(
                BackendFailure.Unauthorized,
                $"The operator may not keep the group {known.Gid} of {file}, by which the mail server reads it. "
                + $"Run the operator with that group (supplementalGroups: [{known.Gid}]), or give the file the "
                + $"group {group}.");
        }
    }

    /// <summary>
    /// Dovecot compares a file's time in whole seconds, and its size. It would miss a second change within the same
    /// second that keeps the size, and a revoked password would still work. So each write is dated a second later.
    /// </summary>
    private DateTime NextWriteTime(string file)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        if (!File.Exists(file))
        {
            return now;
        }

        DateTime atLeast = File.GetLastWriteTimeUtc(file).AddSeconds(1);
        return now > atLeast ? now : atLeast;
    }

    private async Task<FileStream> LockAsync(string file, CancellationToken cancellationToken)
    {
        long started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                // FileShare.None is an advisory lock (flock) that ends with its process.
                return new FileStream(LockOf(file), new FileStreamOptions
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
