using System.Text.RegularExpressions;
using MailOperator.Tests;

namespace MailOperator.IntegrationTests.Crds;

/// <summary>
/// A constraint of the API server: its name in <c>refused.yaml</c>, and text that the server's answer must contain.
/// </summary>
internal sealed record SchemaConstraint(string Name, string Path, string Says)
{
    /// <summary>The path in the server's answer, with the index or the key.</summary>
    public Regex PathInAnswer => new(
        "(^|[^A-Za-z0-9])"
        + Regex.Escape(Path).Replace(@"\[]", @"\[\d+\]", StringComparison.Ordinal).Replace(
            @"\.\*", @"(\.|\[)[^:]+", StringComparison.Ordinal)
        + "(:|$)",
        RegexOptions.CultureInvariant);

    /// <summary>Every constraint on what a user may write.</summary>
    public static IEnumerable<SchemaConstraint> Of(CustomResourceDefinition crd) =>
        crd.Schema.All()
            .Where(node => !node.Path.StartsWith("status", StringComparison.Ordinal))
            .SelectMany(Of);

    private static IEnumerable<SchemaConstraint> Of(SchemaNode node)
    {
        foreach (string field in node.Required)
        {
            string path = node.Path.Length == 0 ? field : $"{node.Path}.{field}";
            yield return new($"{path} required", path, "Required value");
        }

        foreach ((string keyword, string says) in ServerWording)
        {
            if (node.Json.TryGetPropertyValue(keyword, out var value))
            {
                yield return new(
                    $"{node.Path} {keyword}", node.Path,
                    says.Replace("{0}", value!.ToString(), StringComparison.Ordinal));
            }
        }

        if (node.Format is "date-time" or "byte")
        {
            yield return new($"{node.Path} format", node.Path, $"must be of type {node.Format}");
        }

        if (node.ListType == "set")
        {
            yield return new($"{node.Path} set", node.Items!.Path, "Duplicate value");
        }

        if (node.ListType == "map")
        {
            yield return new($"{node.Path} map", node.Items!.Path, "Duplicate value");
        }

        foreach ((int index, CelRule rule) in node.Rules.Index())
        {
            yield return new(
                $"{node.Path} rule {index + 1}".TrimStart(), (node.Path + rule.FieldPath).TrimStart('.'), rule.Message);
        }
    }

    private static readonly (string Keyword, string Says)[] ServerWording =
    [
        ("minLength", "should be at least {0} chars long"),
        ("maxLength", "Too long: may not be more than {0}"),
        ("pattern", "should match '{0}'"),
        ("minimum", "should be greater than or equal to {0}"),
        ("maximum", "should be less than or equal to {0}"),
        ("minItems", "should have at least {0} items"),
        ("maxItems", "must have at most {0} item"),
        ("maxProperties", "must have at most {0} item"),
        ("enum", "Unsupported value"),
    ];
}
