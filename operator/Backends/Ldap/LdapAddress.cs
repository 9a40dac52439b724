using System.Globalization;
using System.Text.RegularExpressions;

namespace MailOperator.Backends.Ldap;

/// <summary>Where a directory listens.</summary>
/// <param name="Host">Name or IP address, without brackets.</param>
/// <param name="Port">TCP port.</param>
/// <param name="IsEncrypted">Whether the port uses TLS from the start (ldaps).</param>
internal sealed partial record LdapAddress(string Host, int Port, bool IsEncrypted)
{
    /// <summary>Null if the text is not <c>ldap://HOST[:PORT]</c> or <c>ldaps://HOST[:PORT]</c>.</summary>
    public static LdapAddress? Parse(string url)
    {
        Match parts = Url().Match(url);
        if (!parts.Success)
        {
            return null;
        }

        bool isEncrypted = parts.Groups["scheme"].Value == "ldaps";
        string host = parts.Groups["host"].Value.Trim('[', ']');
        int port = isEncrypted ? 636 : 389;
        if (parts.Groups["port"] is { Success: true, Value: var given }
            && !int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out port))
        {
            return null;
        }

        return port is >= 1 and <= 65535 && Uri.CheckHostName(host) != UriHostNameType.Unknown
            ? new LdapAddress(host, port, isEncrypted)
            : null;
    }

    public override string ToString() => $"{Host}:{Port}";

    [GeneratedRegex(
        @"\A(?<scheme>ldaps?)://"
        + @"(?<host>[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])" // a name or an address
        + @"(:(?<port>[0-9]{1,5}))?/?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Url();
}
