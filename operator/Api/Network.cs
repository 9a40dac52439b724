using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MailOperator.Api;

/// <summary>A network in CIDR notation, such as 10.0.0.0/8 or 2001:db8::/32.</summary>
internal static class Network
{
    /// <summary>
    /// Reads a network. Host bits are ignored, as Dovecot does: 10.1.2.3/8 is 10.0.0.0/8. Refuses everything but an
    /// address and a prefix length.
    /// </summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        network = default;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0
            || !IPAddress.TryParse(text.AsSpan(0, slash), out IPAddress? address)
            || !IsPlain(text.AsSpan(0, slash), address)
            || text.AsSpan(slash + 1).ContainsAnyExceptInRange('0', '9') // .NET reads over null characters at the end
            || !int.TryParse(
                text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int prefixLength))
        {
            return false;
        }

        byte[] bytes = address.GetAddressBytes();
        if (prefixLength > bytes.Length * 8)
        {
            return false;
        }

        for (int bit = prefixLength; bit < bytes.Length * 8; bit++) // IPNetwork refuses host bits
        {
            bytes[bit / 8] &= unchecked((byte)~(0x80 >> (bit % 8)));
        }

        network = new IPNetwork(new IPAddress(bytes), prefixLength);
        return true;
    }

    /// <summary>
    /// The networks that are in both lists, sorted; an empty list is anywhere. Empty again if the lists have nothing in
    /// common.
    /// </summary>
    /// <param name="one">Networks in CIDR notation. One that cannot be read is in no other.</param>
    /// <param name="other">Like <paramref name="one"/>.</param>
    public static ImmutableArray<string> Intersect(ImmutableArray<string> one, ImmutableArray<string> other)
    {
        if (one.IsEmpty || other.IsEmpty)
        {
            return one.IsEmpty ? other : one;
        }

        IEnumerable<string> common = from mine in one from theirs in other select Smaller(mine, theirs);
        return [.. common.OfType<string>().Distinct().Order(StringComparer.Ordinal)];
    }

    private static string? Smaller(string one, string other)
    {
        if (one == other)
        {
            return one;
        }

        if (!TryParse(one, out IPNetwork mine) || !TryParse(other, out IPNetwork theirs)
            || mine.BaseAddress.AddressFamily != theirs.BaseAddress.AddressFamily)
        {
            return null;
        }

        return mine.PrefixLength >= theirs.PrefixLength
            ? theirs.Contains(mine.BaseAddress) ? mine.ToString() : null
            : mine.Contains(theirs.BaseAddress) ? theirs.ToString() : null;
    }

    // .NET also reads 10/8 (as 0.0.0.10), 010.0.0.0/8 (as 8.0.0.0) and addresses with brackets or a zone.
    private static bool IsPlain(ReadOnlySpan<char> text, IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork
            ? text.SequenceEqual(address.ToString())
            : !text.ContainsAny('[', '%');
}
