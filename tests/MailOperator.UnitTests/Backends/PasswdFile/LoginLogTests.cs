using MailOperator.Api;
using MailOperator.Backends.PasswdFile;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Backends.PasswdFile;

public sealed class LoginLogTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mail-operator-unit-");
    private readonly FakeTimeProvider _clock = new(Now.AddMilliseconds(700));
    private readonly LoginLog _log;

    public LoginLogTests() => _log = new LoginLog(Log, _clock);

    private string Log => Path.Combine(_folder.FullName, "logins.log");

    [Fact]
    public async Task Refresh_Logins_KeepsTheLatestOfEachDeviceAndTheTimeOfReading()
    {
        await StartAsync();
        LogsIn("shop/grafana", "10.0.0.1");
        LogsIn("shop/grafana", "10.0.0.2");

        Assert.Null(await RefreshAsync("shop/grafana", "shop/idle"));

        Assert.Equal(
            new LastUse { Time = Now, Address = "10.0.0.2", Protocol = MailProtocol.IMAP }, _log.Find("shop/grafana"));
        Assert.Null(_log.Find("shop/idle"));
        _clock.Advance(TimeSpan.FromMinutes(1));
        await RefreshAsync("shop/grafana");
        Assert.Equal(Now, _log.Find("shop/grafana")!.Time);
    }

    [Fact]
    public async Task Refresh_DeviceThatIsNotOurs_IsNotKept()
    {
        await StartAsync();
        LogsIn("shop/stranger", "10.0.0.1");
        await RefreshAsync("shop/grafana");
        Assert.Null(_log.Find("shop/stranger"));

        LogsIn("shop/grafana", "10.0.0.1");
        await RefreshAsync("shop/grafana");
        await RefreshAsync(); // it was deleted
        Assert.Null(_log.Find("shop/grafana"));
    }

    [Fact]
    public async Task Refresh_NoSuchFile_SaysWhichAndWhatToDo()
    {
        string problem = (await RefreshAsync("shop/grafana"))!;

        Assert.Contains(Log, problem);
        Assert.Contains("spec.passwdFile.loginLog.path", problem);
        Assert.Equal(problem, await RefreshAsync("shop/grafana")); // verbatim: the status must not change every minute
    }

    public void Dispose()
    {
        _log.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task StartAsync()
    {
        await File.WriteAllTextAsync(Log, "", TestContext.Current.CancellationToken);
        Assert.Null(await RefreshAsync());
    }

    private void LogsIn(string device, string address) => File.AppendAllText(
        Log,
        $"Nov 24 12:26:16 imap-login: Info: Login: user=<a@example.com>, method=PLAIN, rip={address}, lip=127.0.0.1, "
        + $"session=<x>, device=<{device}>\n");

    private Task<string?> RefreshAsync(params string[] devices) =>
        _log.RefreshAsync(devices.ToHashSet(), TestContext.Current.CancellationToken);
}
