using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;
using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.Backends;

/// <summary>A passwd-file on a volume, with lines of others, which never change.</summary>
public sealed class PasswdFileConformanceTests : HashConformance
{
    // More than a few disk pages, so that a full disk fails in the middle of a write.
    private static readonly string[] OthersLines = [.. Enumerable.Range(0, 200)
        .Select(static number => $"imap/somebody{number}@example.com:{{PLAIN}}{new string('x', 60)}::::::")];

    private PasswdFileVolume _volume = null!;

    internal override ITrouble Trouble => _volume;

    internal override IReadOnlyDictionary<ConformanceCase, string> Lacking { get; } =
        new Dictionary<ConformanceCase, string>
        {
            [ConformanceCase.Expire] =
                "A passwd-file knows no dates: the operator ends a password, and this driver does not say that it can.",
            [ConformanceCase.AnswerLost] = "A disk has no answer that could get lost on its way.",
        };

    public override async ValueTask DisposeAsync()
    {
        string[] lines = await File.ReadAllLinesAsync(_volume.File, Token);
        await base.DisposeAsync();
        Assert.Equal(OthersLines, lines.Intersect(OthersLines));
    }

    [Fact]
    public async Task Remove_VolumeNotMounted_FailsAndEndsThePasswordOnceItIs()
    {
        await PutAsync(Slot("aaaaaa"));
        await _volume.UnmountAsync();

        MailBackendException e = await FailureAsync(() => Backend.RemoveAsync(Owner, Token));
        Assert.Equal(BackendFailure.Unavailable, e.Failure);
        // Otherwise it would pass for the volume.
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(_volume.File)!));

        await _volume.MountAsync();
        await ListedAsync(MakeAside(), Owner, Slot("aaaaaa"));
        await Backend.RemoveAsync(Owner, Token);
        await ListedAsync(MakeAside(), Owner);
    }

    internal override IMailBackend Create() =>
        new PasswdFileBackend(
            new LocalPasswdFile(_volume.File, isInUse: static () => true, TimeProvider.System), TimeProvider.System);

    internal override IMailBackend CreateAside() => Create();

    protected override async Task StartAsync() =>
        _volume = await PasswdFileVolume.StartAsync(string.Join('\n', OthersLines) + "\n");

    /// <summary>What a process leaves that was killed in the middle of a write.</summary>
    protected override async Task RestartServerAsync()
    {
        await File.WriteAllTextAsync($"{_volume.File}.lock", "", Token);
        await File.WriteAllTextAsync($"{_volume.File}.new", "imap/half-a-line", Token);
    }

    protected override Task LockOutAsync() => _volume.MountReadOnlyAsync();

    protected override Task LetInAsync() => _volume.MountReadWriteAsync();
}
