using System.Text;

namespace MailOperator.Backends.Ldap.Protocol;

/// <summary>Distinguished names (RFC 4514).</summary>
internal static class DistinguishedName
{
    /// <summary>The DN of an entry below a parent.</summary>
    public static string Child(string attribute, string value, string parent) =>
        $"{attribute}={Escape(value)},{parent}";

    /// <summary>Whether both name the same entry, as far as can be decided without the schema.</summary>
    public static bool AreSame(string one, string other) =>
        string.Equals(Compact(one), Compact(other), StringComparison.OrdinalIgnoreCase);

    private static string Escape(string value)
    {
        var escaped = new StringBuilder(value.Length + 8);
        for (int i = 0; i < value.Length; i++)
        {
            bool atEdge = (i == 0 && (value[i] is ' ' or '#')) || (i == value.Length - 1 && value[i] == ' ');
            if (value[i] == '\0')
            {
                escaped.Append("\\00");
            }
            else
            {
                escaped.Append(atEdge || value[i] is '"' or '+' or ',' or ';' or '<' or '=' or '>' or '\\' ? "\\" : "")
                    .Append(value[i]);
            }
        }

        return escaped.ToString();
    }

    private static string Compact(string dn) =>
        string.Join(
            ',',
            dn.Split(',').Select(static part => string.Join('=', part.Split('=', 2, StringSplitOptions.TrimEntries))));
}
