using System.Text;
using MailOperator.Api;
using MailOperator.MailServers;

namespace MailOperator.UnitTests.MailServers;

/// <summary>Requests and answers of Dovecot 2.3.19.</summary>
public sealed class DoveadmCommandsTests
{
    private const string Done =
        """[["doveadmResponse",[{"entries":"1"}],"authCacheFlush"],"""
        + """["doveadmResponse",[{"result":"a@example.com"}],"kick a@example.com"]]""";

    [Fact]
    public void Write_FlushesBeforeItKicks() => Assert.Equal(
        """[["authCacheFlush",{"user":["a@example.com"]},"authCacheFlush"],"""
        + """["kick",{"mask":["a@example.com"]},"kick a@example.com"]]""",
        Encoding.UTF8.GetString(DoveadmCommands.Write(["a@example.com"], flushesCache: true, endsSessions: true)));

    [Fact]
    public void Write_SessionsStay_OnlyFlushes() => Assert.Equal(
        """[["authCacheFlush",{"user":["a@example.com"]},"authCacheFlush"]]""",
        Encoding.UTF8.GetString(DoveadmCommands.Write(["a@example.com"], flushesCache: true, endsSessions: false)));

    [Fact]
    public void Write_NoCache_OnlyKicks()
    {
        Assert.Equal(
            """[["kick",{"mask":["a@example.com"]},"kick a@example.com"]]""",
            Encoding.UTF8.GetString(DoveadmCommands.Write(["a@example.com"], flushesCache: false, endsSessions: true)));
        Assert.Null(DoveadmCommands.ProblemIn( // the answer of 2.4.1 if nobody is logged in
            """[["doveadmResponse",[{"count":"0"}],"kick a@example.com"]]"""u8.ToArray(), ["a@example.com"],
            flushesCache: false, endsSessions: true));
    }

    [Theory]
    [InlineData(Done, null)]
    [InlineData(
        """[["doveadmResponse",[{"entries":"0"}],"authCacheFlush"],"""
        + """["error",{"type":"exitCode", "exitCode":68},"kick a@example.com"]]""",
        null)] // nobody was logged in
    [InlineData(
        """[["doveadmResponse",[{"entries":"0"}],"authCacheFlush"],"""
        + """["error",{"type":"exitCode", "exitCode":75},"kick a@example.com"]]""",
        "exitCode 75")]
    [InlineData(
        """[["error",{"type":"unknownMethod", "exitCode":0},"authCacheFlush"],"""
        + """["doveadmResponse",[],"kick a@example.com"]]""",
        "authCacheFlush: unknownMethod")]
    [InlineData("""[["doveadmResponse",[{"entries":"0"}],"authCacheFlush"]]""", "kick a@example.com: no answer")]
    [InlineData("[]", "authCacheFlush: no answer")]
    [InlineData("<html>", "not that of doveadm")]
    [InlineData("""{"error": "x"}""", "not that of doveadm")]
    [InlineData("""[[]]""", "not that of doveadm")]
    [InlineData("""[[1,2,3]]""", "not that of doveadm")]
    [InlineData("""[["error","text","authCacheFlush"]]""", "not that of doveadm")]
    [InlineData("""[["error",{"type":"exitCode","exitCode":1.5},"authCacheFlush"]]""", "not that of doveadm")]
    [InlineData("""[["error",{"type":"exitCode","exitCode":1e99},"authCacheFlush"]]""", "not that of doveadm")]
    [InlineData("""[["error",{"type":"a\nlong story","exitCode":1},"authCacheFlush"]]""", "not that of doveadm")]
    public void ProblemIn_Answer_IsFound(string answer, string? problem)
    {
        string? found = DoveadmCommands.ProblemIn(
            Encoding.UTF8.GetBytes(answer), ["a@example.com"], flushesCache: true, endsSessions: true);

        Assert.Equal(problem is null, found is null);
        Assert.Contains(problem ?? "", found ?? "");
    }

    [Theory]
    [InlineData("https://dovecot.mail.svc:8080/doveadm/v1", "doveadm", null)]
    [InlineData("http://[::1]:8080/doveadm/v1", "doveadm", null)]
    [InlineData("dovecot:8080", "doveadm", "must be like")]
    [InlineData("/doveadm/v1", "doveadm", "must be like")]
    [InlineData("ftp://dovecot", "doveadm", "must be like")]
    [InlineData("https://u:secret@dovecot/doveadm/v1", "doveadm", "must be like")]
    [InlineData("https://dovecot/doveadm/v1?x", "doveadm", "must be like")]
    [InlineData("https://dovecot/doveadm/v1", "", "which is no name of a Secret")]
    public void Validate_Setting_ReportsProblemsWithoutSecrets(string url, string secret, string? problem)
    {
        string[] found = [.. DoveadmValidator.Validate(new MailBackendSpec
        {
            Dovecot = new DovecotSpec
            {
                Doveadm = [new DoveadmSpec { Url = url, CredentialsSecret = new ObjectReference { Name = secret } }],
            },
        })];

        Assert.Equal(problem is null ? 0 : 1, found.Length);
        Assert.Contains(problem ?? "", string.Concat(found));
        Assert.DoesNotContain("u:secret", string.Concat(found));
    }
}
