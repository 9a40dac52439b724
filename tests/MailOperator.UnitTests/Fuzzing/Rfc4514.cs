using System.Text;

namespace MailOperator.UnitTests.Fuzzing;

/// <summary>Reads distinguished names as strictly as RFC 4514 writes them, with one attribute in each name.</summary>
internal static class Rfc4514
{
    /// <summary>The attributes and values, the entry's own first.</summary>
    /// <exception cref="FormatException">It is no distinguished name.</exception>
    public static List<(string Attribute, string Value)> Parse(string dn)
    {
        var names = new List<(string, string)>();
        for (int at = 0; at <= dn.Length; at++)
        {
            int equals = dn.IndexOf('=', at);
            if (equals <= at || !dn.AsSpan(at, equals - at).ToString().All(char.IsAsciiLetterOrDigit))
            {
                throw new FormatException($"There is no attribute at {at} of {dn}");
            }

            string attribute = dn[at..equals];
            at = equals + 1;
            names.Add((attribute, Value(dn, ref at)));
        }

        return names;
    }

    private static string Value(string dn, ref int at)
    {
        var value = new StringBuilder();
        int start = at;
        bool isEscaped = false;
        for (; at < dn.Length && dn[at] != ','; at++)
        {
            isEscaped = dn[at] == '\\';
            if (!isEscaped)
            {
                value.Append(
                    "\"+;<>\0".Contains(dn[at]) || (at == start && dn[at] is ' ' or '#')
                        ? throw new FormatException($"{(int)dn[at]:x} at {at} must be escaped in {dn}")
                        : dn[at]);
            }
            else if (at + 1 < dn.Length && "\\\"+,;<>=# ".Contains(dn[at + 1]))
            {
                value.Append(dn[++at]);
            }
            else
            {
                value.Append((char)Convert.ToByte(dn.Substring(at + 1, 2), 16)); // only NUL is written so
                at += 2;
            }
        }

        return value.Length > 0 && value[^1] == ' ' && !isEscaped
            ? throw new FormatException($"A space at the end must be escaped in {dn}")
            : value.ToString();
    }
}
