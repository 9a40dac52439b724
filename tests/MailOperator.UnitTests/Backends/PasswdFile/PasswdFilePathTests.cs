using System.Runtime.InteropServices;
using MailOperator.Backends;
using MailOperator.Backends.PasswdFile;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Backends.PasswdFile;

/// <summary>Paths as people have them: links, single files mounted, folders of others, access lists.</summary>
public sealed partial class PasswdFilePathTests : IDisposable
{
    private const string AccessList = "system.posix_acl_access";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mail-operator-unit-");
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Link => Path.Combine(_folder.FullName, "app-passwords");

    private string Real => Path.Combine(_folder.CreateSubdirectory("real").FullName, "passwords");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Write_ThroughALink_ReplacesWhatItNames(bool isRelative)
    {
        // Mutant: rename over the link. Dovecot would go on reading the old file, and what ended would still work.
        await File.WriteAllTextAsync(Real, "old:x\n", Token);
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "between"), isRelative ? "real/passwords" : Real);
        File.CreateSymbolicLink(Link, "between");
        LocalPasswdFile file = Open();

        (string? text, string version) = await file.ReadAsync(null, Token);
        Assert.NotNull(await file.TryWriteAsync("new:y\n", version, Token));

        Assert.Equal("old:x\n", text);
        Assert.Equal("new:y\n", await File.ReadAllTextAsync(Real, Token));
        Assert.Equal("between", new FileInfo(Link).LinkTarget);
        Assert.True(File.Exists(Real + ".lock")); // the same lock for everybody who has another name for it
    }

    [Fact]
    public async Task Write_LinkToAFileThatIsNotThereYet_MakesIt()
    {
        File.CreateSymbolicLink(Link, Real);
        LocalPasswdFile file = Open();

        Assert.NotNull(await file.TryWriteAsync("new:y\n", (await file.ReadAsync(null, Token)).Version, Token));

        Assert.Equal("new:y\n", await File.ReadAllTextAsync(Real, Token));
    }

    [Fact]
    public async Task Write_LinkThatNowNamesAnotherFile_IsRefused() // mutant: a version without the file it is of
    {
        DateTime time = _clock.GetUtcNow().UtcDateTime;
        foreach (string name in (string[])["one", "two"])
        {
            string path = Path.Combine(_folder.FullName, name);
            await File.WriteAllTextAsync(path, $"{name}:x\n", Token);
            File.SetLastWriteTimeUtc(path, time);
        }

        File.CreateSymbolicLink(Link, "one");
        LocalPasswdFile file = Open();
        string version = (await file.ReadAsync(null, Token)).Version;
        File.Delete(Link);
        File.CreateSymbolicLink(Link, "two");

        Assert.Null(await file.TryWriteAsync("new:y\n", version, Token));
    }

    [Fact]
    public async Task Write_LinksInACircle_IsAFailureInWords()
    {
        File.CreateSymbolicLink(Link, "between");
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "between"), "app-passwords");

        MailBackendException failure = await Assert.ThrowsAsync<MailBackendException>(
            () => Open().ReadAsync(null, Token));

        Assert.Equal(BackendFailure.Unavailable, failure.Failure);
        Assert.Contains(Link, failure.Message);
    }

    [Fact]
    public async Task Write_FileWithTwoNames_IsRefusedAndLeftAsItWas()
    {
        // Mutant: replace it. A mail server that reads the other name would accept what has ended for ever.
        await File.WriteAllTextAsync(Real, "old:x\n", Token);
        Assert.Equal(0, MakeHardLink(Real, Link));
        LocalPasswdFile file = Open();
        string version = (await file.ReadAsync(null, Token)).Version;

        MailBackendException failure = await Assert.ThrowsAsync<MailBackendException>(
            () => file.TryWriteAsync("new:y\n", version, Token));
        MailBackendException probed = await Assert.ThrowsAsync<MailBackendException>(
            () => file.CheckWritableAsync(Token));

        Assert.Equal(BackendFailure.Rejected, failure.Failure);
        Assert.Equal(failure.Message, probed.Message);
        Assert.Contains("2 names (hard links)", failure.Message);
        Assert.Equal("old:x\n", await File.ReadAllTextAsync(Link, Token));
    }

    [Fact]
    public async Task Write_FileWithAnAccessList_KeepsIt() // mutant: copy owner and group alone
    {
        await File.WriteAllTextAsync(Link, "old:x\n", Token);
        byte[] list = // who may read: the owner, user 4711, the group
        [
            2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 4, 0, 0x67, 0x12, 0, 0, 4, 0, 4, 0, 255, 255, 255, 255,
            0x10, 0, 4, 0, 255, 255, 255, 255, 0x20, 0, 0, 0, 255, 255, 255, 255,
        ];
        Assert.SkipWhen(
            SetAttribute(Link, AccessList, list, list.Length, 0) != 0, "This file system has no access lists.");
        LocalPasswdFile file = Open();

        Assert.NotNull(await file.TryWriteAsync("new:y\n", (await file.ReadAsync(null, Token)).Version, Token));

        byte[] kept = new byte[1024];
        Assert.Equal(list, kept[..(int)GetAttribute(Link, AccessList, kept, kept.Length)]);
    }

    [Fact]
    public async Task CheckWritable_NothingIsWrong_LeavesNoTrace() // mutants: leave a file; make the lock
    {
        LocalPasswdFile file = Open();
        await file.CheckWritableAsync(Token);
        await File.WriteAllTextAsync(Link, "old:x\n", Token);
        DateTime before = Directory.GetLastWriteTimeUtc(_folder.FullName);

        await file.CheckWritableAsync(Token);

        Assert.Equal(before, Directory.GetLastWriteTimeUtc(_folder.FullName));
        Assert.Single(_folder.GetFileSystemInfos());
        Assert.Equal("old:x\n", await File.ReadAllTextAsync(Link, Token));
    }

    [Theory]
    [InlineData("\u00ef\u00bb\u00bfboss@example.com:{PLAIN}x\n")] // a byte order mark
    [InlineData("caf\u00e9@example.com:{PLAIN}passw\u00f6rd\n")] // ISO-8859-1
    [InlineData("\u0080\u0000\u00ff\n\n\r\n#\r\n")]
    [InlineData("boss@example.com:{PLAIN}x")] // no end of the last line
    [InlineData("")]
    public async Task Write_BytesOfOthers_AreKept(string bytes) // mutant: read as UTF-8
    {
        byte[] theirs = [.. bytes.Select(static one => (byte)one)];
        await File.WriteAllBytesAsync(Link, theirs, Token);
        LocalPasswdFile file = Open();
        (string? text, string version) = await file.ReadAsync(null, Token);
        var document = PasswdFileDocument.Parse(text!);

        Assert.NotNull(await file.TryWriteAsync(document.Render(), version, Token));

        Assert.Equal(theirs, await File.ReadAllBytesAsync(Link, Token));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private LocalPasswdFile Open() => new(Link, isInUse: static () => false, _clock);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeHardLink(string from, string to);

    [LibraryImport("libc", EntryPoint = "setxattr", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetAttribute(string path, string name, byte[] value, nint size, int flags);

    [LibraryImport("libc", EntryPoint = "getxattr", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetAttribute(string path, string name, byte[] value, nint size);
}
