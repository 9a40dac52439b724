using System.Net;
using System.Text.RegularExpressions;
using MailOperator.Api;

namespace MailOperator.Backends.PasswdFile;

/// <summary>
/// A login in Dovecot's log, as the shipped <c>login_log_format_elements</c> writes it:
/// <code>Nov 24 12:11:06 imap-login: Info: Logged in: user=&lt;a@example.com&gt;, method=PLAIN, rip=10.0.0.7, …,
/// device=&lt;shop/grafana&gt;</code>
/// </summary>
internal static partial class LoginLine
{
    /// <summary>The login in a line; null if the line is about something else.</summary>
    public static (string Device, IPAddress Address, MailProtocol Protocol)? Parse(string line) =>
        Shape().Match(line) is { Success: true } match
        && IPAddress.TryParse(match.Groups["address"].ValueSpan, out IPAddress? address)
            ? (match.Groups["device"].Value, address, ProtocolOf(match.Groups["service"].ValueSpan))
            : null;

    private static MailProtocol ProtocolOf(ReadOnlySpan<char> service) => service switch
    {
        "imap" => MailProtocol.IMAP,
        "pop3" => MailProtocol.POP3,
        _ => MailProtocol.SMTP,
    };

    // Text that a stranger can put into the log comes after the first '<': a refused login may give any user name, and
    // must not pass for a login. Dovecot 2.3 writes "Login:", 2.4 "Logged in:".
    [GeneratedRegex(
        "^[^<]*\\b(?<service>imap|pop3|submission)-login: (Info: )?(Login|Logged in): "
        + "user=<[^<>]*>, method=[^, ]*, rip=(?<address>[0-9A-Fa-f.:]+), "
        + ".*\\bdevice=<(?<device>[a-z0-9.-]+/[a-z0-9.-]+)>",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();
}
