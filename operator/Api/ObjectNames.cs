using System.Text.RegularExpressions;

namespace MailOperator.Api;

/// <summary>Names that the API server accepts for objects.</summary>
internal static partial class ObjectNames
{
    /// <summary>Whether it is a DNS subdomain (RFC 1123) of 1 to 253 characters.</summary>
    public static bool IsValid(string name) => name.Length <= 253 && Subdomain().IsMatch(name);

    [GeneratedRegex(
        @"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Subdomain();
}
