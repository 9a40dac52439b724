namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// A small volume for a passwd-file, with faults. A step is a page of the disk that the next write can still use.
/// </summary>
internal sealed class PasswdFileVolume : ITrouble
{
    private const int Page = 4096;
    private static readonly TimeSpan HeldBySlow = TimeSpan.FromMilliseconds(300);

    private readonly string _mount = Directory.CreateTempSubdirectory("mo-file-").FullName;
    private readonly string _folder;
    private bool _isMounted;
    private FileStream? _lock;

    private PasswdFileVolume() => _folder = Path.Combine(_mount, "volume");

    public string File => Path.Combine(_folder, "app-passwords");

    private string Away => _folder + ".away";

    private string Filler => Path.Combine(_mount, "filler");

    /// <param name="text">The content of the file.</param>
    public static async Task<PasswdFileVolume> StartAsync(string text)
    {
        var volume = new PasswdFileVolume();
        (int exitCode, _, _) = await Shell.TryAsync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", volume._mount]);
        volume._isMounted = exitCode == 0;
        Directory.CreateDirectory(volume._folder);
        await System.IO.File.WriteAllTextAsync(volume.File, text);
        return volume;
    }

    /// <summary>Makes the volume read-only.</summary>
    public async Task MountReadOnlyAsync()
    {
        SkipIfNotMounted();
        await Shell.RunAsync("mount", "-o", "remount,ro", _mount);
    }

    public Task MountReadWriteAsync() => Shell.RunAsync("mount", "-o", "remount,rw", _mount);

    /// <summary>Mounts an empty volume over it, as if it were not mounted.</summary>
    public async Task UnmountAsync()
    {
        SkipIfNotMounted();
        await Shell.RunAsync("mount", "-t", "tmpfs", "tmpfs", _folder);
    }

    /// <summary>Undoes <see cref="UnmountAsync"/>.</summary>
    public Task MountAsync() => Shell.RunAsync("umount", _folder);

    public Task RefuseAsync()
    {
        Directory.Move(_folder, Away);
        return Task.CompletedTask;
    }

    /// <summary>Another process takes the lock of the file.</summary>
    public Task StallAsync()
    {
        _lock = new FileStream($"{File}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        return Task.CompletedTask;
    }

    public Task StalledAsync() => Task.CompletedTask; // a waiter for a lock is not visible

    public async Task SlowAsync()
    {
        await StallAsync();
        _ = ReleaseLaterAsync();
    }

    public async Task CutAsync(int step)
    {
        SkipIfNotMounted();
        await using var filler = new FileStream(
            Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                filler.Write(new byte[Page]);
            }
        }
        catch (IOException)
        {
            filler.SetLength(Math.Max(0, filler.Position - (filler.Position % Page) - (Page * (step - 1))));
        }
    }

    public Task LoseAnswerAsync(int step) => throw new NotSupportedException();

    public Task RecoverAsync()
    {
        _lock?.Dispose();
        System.IO.File.Delete(Filler);
        if (Directory.Exists(Away))
        {
            Directory.Move(Away, _folder);
        }

        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_lock is { } held)
        {
            await held.DisposeAsync();
        }

        if (_isMounted)
        {
            await Shell.RunAsync("umount", "-l", _mount);
        }

        Directory.Delete(_mount, recursive: true);
    }

    private void SkipIfNotMounted() =>
        Assert.SkipUnless(_isMounted, "Only who may mount a volume has one that is full or takes no writes.");

    private async Task ReleaseLaterAsync()
    {
        await Task.Delay(HeldBySlow, TimeProvider.System);
        await _lock!.DisposeAsync();
    }
}
