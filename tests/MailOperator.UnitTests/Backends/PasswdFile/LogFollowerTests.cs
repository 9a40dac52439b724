using System.Diagnostics;
using MailOperator.Backends.PasswdFile;

namespace MailOperator.UnitTests.Backends.PasswdFile;

public sealed class LogFollowerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mail-operator-unit-");
    private readonly LogFollower _follower;

    public LogFollowerTests() => _follower = new LogFollower(Log);

    private string Log => Path.Combine(_folder.FullName, "logins.log");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_FirstLook_SkipsWhatIsThereAndThenGivesWhatIsAppended()
    {
        Append("old\n");
        Assert.Empty(await ReadAsync());

        Append("one\ntwo\n");

        Assert.Equal(["one", "two"], await ReadAsync());
        Assert.Empty(await ReadAsync());
    }

    [Fact]
    public async Task Read_LineWrittenInParts_IsGivenOnceItIsWhole()
    {
        await StartAsync();
        Append("on");
        Assert.Empty(await ReadAsync());

        Append("e\ntw");

        Assert.Equal(["one"], await ReadAsync());
    }

    [Fact]
    public async Task Read_RenamedAndMadeAnew_GivesTheRestOfTheOldAndAllOfTheNew()
    {
        await StartAsync();
        Append("last of the old\n");
        File.Move(Log, Log + ".1");
        Assert.Equal(["last of the old"], await ReadAsync()); // at this moment no file has that name
        Append("first of the new\n");

        Assert.Equal(["first of the new"], await ReadAsync());
        Append("next\n");
        Assert.Equal(["next"], await ReadAsync());
    }

    [Fact]
    public async Task Read_Truncated_BeginsAnew()
    {
        await StartAsync();
        Append("a long line before\nhalf of");
        Assert.Equal(["a long line before"], await ReadAsync());
        await File.WriteAllTextAsync(Log, "after\n", Token);

        Assert.Equal(["after"], await ReadAsync());
    }

    [Fact]
    public async Task Read_FileThatComesLater_IsReadFromItsBeginning()
    {
        await Assert.ThrowsAsync<FileNotFoundException>(ReadAsync);
        Append("one\n");

        Assert.Equal(["one"], await ReadAsync());
    }

    [Fact]
    public async Task Read_EndlessLine_IsCutAndTheNextIsWhole()
    {
        await StartAsync();
        Append(new string('x', 200_000) + "\nnext\n");

        string[] lines = await ReadAsync();

        Assert.Equal((8 * 1024, "next"), (lines[0].Length, lines[1]));
    }

    [Fact]
    public async Task Read_Pipe_IsRefusedAtOnce()
    {
        using (var make = Process.Start("mkfifo", [Log]))
        {
            await make.WaitForExitAsync(Token);
        }

        await Assert.ThrowsAsync<IOException>(() => ReadAsync().WaitAsync(TimeSpan.FromSeconds(10), Token));
    }

    public void Dispose()
    {
        _follower.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task StartAsync()
    {
        Append("");
        Assert.Empty(await ReadAsync());
    }

    private void Append(string text) => File.AppendAllText(Log, text);

    private async Task<string[]> ReadAsync()
    {
        var lines = new List<string>();
        await _follower.ReadAsync(lines.Add, Token);
        return [.. lines];
    }
}
