using System.Collections.Immutable;
using System.Globalization;

namespace MailOperator.MailBackends;

/// <summary>
/// How many orphans a person has agreed to remove, from the annotation: <c>shop=3,billing=12</c>, by namespace. A
/// number alone counts for each namespace.
/// </summary>
internal sealed class OrphanConfirmation
{
    /// <summary>Stands for a namespace that the backend does not store.</summary>
    public const string UnknownNamespace = "?";

    public static readonly OrphanConfirmation None = new(ImmutableDictionary<string, int>.Empty, 0);

    private readonly ImmutableDictionary<string, int> _byNamespace;
    private readonly int _each;

    private OrphanConfirmation(ImmutableDictionary<string, int> byNamespace, int each) =>
        (_byNamespace, _each) = (byNamespace, each);

    /// <summary>Parts that are no numbers confirm nothing.</summary>
    public static OrphanConfirmation Parse(string? annotation)
    {
        var byNamespace = ImmutableDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        int each = 0;
        foreach (string part in (annotation ?? "").Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = part.Split('=');
            if (pair.Length > 2
                || !int.TryParse(pair[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int count))
            {
                continue;
            }

            if (pair.Length == 1)
            {
                each = count;
            }
            else
            {
                byNamespace[pair[0]] = count;
            }
        }

        return new OrphanConfirmation(byNamespace.ToImmutable(), each);
    }

    /// <summary>What to write into the annotation to confirm these numbers.</summary>
    public static string Format(IEnumerable<KeyValuePair<string, int>> counts) =>
        string.Join(',', counts.Select(static pair => $"{NameOf(pair.Key)}={pair.Value}"));

    /// <summary>A namespace as it is written; "" is one that is not known.</summary>
    public static string NameOf(string @namespace) => @namespace.Length > 0 ? @namespace : UnknownNamespace;

    public int Of(string @namespace) => Math.Max(_each, _byNamespace.GetValueOrDefault(NameOf(@namespace)));
}
