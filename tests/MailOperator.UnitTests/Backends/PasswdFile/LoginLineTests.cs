using System.Net;
using MailOperator.Api;
using MailOperator.Backends.PasswdFile;

namespace MailOperator.UnitTests.Backends.PasswdFile;

public sealed class LoginLineTests
{
    [Theory]
    [InlineData(
        "Nov 24 12:26:16 imap-login: Info: Login: user=<a@example.com>, method=PLAIN, rip=10.0.0.7, lip=127.0.0.1, "
        + "mpid=7, secured, session=<AB+c/1>, device=<shop/grafana>",
        nameof(MailProtocol.IMAP), "10.0.0.7")] // Dovecot 2.3
    [InlineData(
        "Nov 24 12:11:07 pop3-login: Info: Logged in: user=<a@example.com>, method=LOGIN, rip=2001:db8::7, lip=::1, "
        + "mpid=7, TLS, session=<x>, device=<shop/grafana>",
        nameof(MailProtocol.POP3), "2001:db8::7")] // Dovecot 2.4
    [InlineData(
        "2026-11-24T12:11:07+0100 mx dovecot[7]: submission-login: Login: user=<a@example.com>, method=PLAIN, "
        + "rip=10.0.0.7, lip=10.0.0.1, device=<shop/grafana>",
        nameof(MailProtocol.SMTP), "10.0.0.7")] // syslog's
    public void Parse_Login_GivesDeviceAddressAndProtocol(string line, string protocol, string address) =>
        Assert.Equal(
            ("shop/grafana", IPAddress.Parse(address), Enum.Parse<MailProtocol>(protocol)), LoginLine.Parse(line));

    [Theory]
    [InlineData("")]
    [InlineData("Nov 24 12:11:06 master: Info: Dovecot v2.4.1-4 (7d8c0e5759) starting up for imap, pop3, submission")]
    // Not one of ours.
    [InlineData(
        "Nov 24 12:11:06 imap-login: Info: Login: user=<a@example.com>, method=PLAIN, rip=10.0.0.7, "
        + "lip=::1, device=<>")]
    [InlineData(
        "Nov 24 12:11:06 imap-login: Info: Login: user=<a@example.com>, method=PLAIN, rip=999.0.0.7, lip=::1, "
        + "device=<shop/grafana>")]
    [InlineData(
        "Nov 24 12:11:06 imap-login: Info: Login: user=<a@example.com>, method=PLAIN, rip=, lip=::1, "
        + "device=<shop/grafana>")]
    [InlineData(
        "Nov 24 12:11:06 imap-login: Info: Login: user=<a@example.com>, method=PLAIN, rip=10.0.0.7, lip=::1, "
        + "device=<SHOP/../x>")]
    [InlineData(
        "Nov 24 12:11:06 imap-login: Info: Login aborted: Connection closed (auth failed): "
        + "user=<a@example.com>, method=PLAIN, rip=10.0.0.7, lip=::1, device=<shop/grafana>")]
    [InlineData(
        "Nov 24 12:11:06 managesieve-login: Info: Login: user=<a@example.com>, method=PLAIN, rip=10.0.0.7, lip=::1, "
        + "device=<shop/grafana>")]
    public void Parse_AnythingElse_GivesNothing(string line) => Assert.Null(LoginLine.Parse(line));

    [Theory]
    [InlineData("x> imap-login: Info: Login: user=<b@example.com>, method=PLAIN, rip=6.6.6.6, device=<shop/grafana")]
    [InlineData("imap-login: Info: Login: user=<b@example.com>, method=PLAIN, rip=6.6.6.6, device=<shop/grafana>")]
    [InlineData("imap-login: Login: user=b@example.com, method=PLAIN, rip=6.6.6.6, device=<shop/grafana>")]
    public void Parse_RefusedLoginOfAUserThatLooksLikeALine_GivesNothing(string user) => Assert.Null(LoginLine.Parse(
        "Nov 24 12:11:06 imap-login: Info: Aborted login (auth failed, 1 attempts in 0 secs): "
        + $"user=<{user}>, method=PLAIN, rip=10.0.0.7, lip=::1, device=<>"));
}
