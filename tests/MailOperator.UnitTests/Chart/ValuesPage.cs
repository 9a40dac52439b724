using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MailOperator.UnitTests.Chart;

/// <summary>The table of the chart's values: each value with its default and the comment above it.</summary>
internal static class ValuesPage
{
    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <param name="lines">The lines of values.yaml.</param>
    /// <param name="values">The same file, read.</param>
    public static string Table(string[] lines, JsonObject values)
    {
        var table = new StringBuilder("| value | default | meaning |\n|---|---|---|\n");
        var path = new List<(int Indent, string Name)>();
        var comment = new List<string>();
        foreach (string line in lines)
        {
            string text = line.TrimStart();
            int indent = line.Length - text.Length;
            if (text.StartsWith('#'))
            {
                comment.Add(text[1..]);
                continue;
            }

            if (text.Length > 0 && text[0] != '-' && text.Contains(':', StringComparison.Ordinal))
            {
                path.RemoveAll(one => one.Indent >= indent);
                path.Add((indent, text.Split(':')[0]));
                if (comment.Count > 0)
                {
                    string[] names = [.. path.Select(static one => one.Name)];
                    table.Append($"| `{string.Join('.', names)}` | {Default(At(values, names), text)} | ")
                        .Append($"{Words(comment)} |\n");
                }
            }

            comment.Clear();
        }

        return table.ToString();
    }

    private static JsonNode? At(JsonObject values, string[] names) =>
        names.Aggregate((JsonNode?)values, static (node, name) => node![name]);

    // A group of values that have comments of their own needs no default.
    private static string Default(JsonNode? value, string line) =>
        value is JsonObject { Count: > 0 } && line.EndsWith(':') ? "" : $"`{value?.ToJsonString(Plain) ?? "null"}`";

    private static string Words(List<string> comment)
    {
        var words = new StringBuilder();
        foreach (string line in comment)
        {
            // An example has a line of its own, and more spaces.
            bool isExample = line.StartsWith("   ", StringComparison.Ordinal);
            words.Append(words.Length > 0 ? " " : "").Append(isExample ? $"`{line.Trim()}`" : line.Trim());
        }

        return words.ToString().Replace("|", "\\|", StringComparison.Ordinal);
    }
}
