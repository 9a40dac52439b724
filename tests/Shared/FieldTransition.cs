using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MailOperator.Tests;

/// <summary>
/// A field of a spec and values for its transitions. Generated from the schema, so that no field is forgotten.
/// </summary>
/// <param name="Kind">The kind that has it.</param>
/// <param name="Path">
/// The path from the spec, such as <c>spec.grants[].mailboxes</c>; <c>[]</c> is the first element.
/// </param>
/// <param name="First">A valid value.</param>
/// <param name="Second">Another valid value.</param>
/// <param name="Invalid">A value that the schema refuses.</param>
internal sealed record FieldTransition(string Kind, string Path, JsonNode First, JsonNode Second, JsonNode Invalid)
{
    private static readonly string[] NothingValid = ["-", "?! ", "a b", "\u0007", ""];

    public static IReadOnlyList<FieldTransition> Of(string kind)
    {
        SchemaNode schema = CustomResourceDefinition.OfKind(kind).Schema;
        return [.. Leaves(kind, schema.Property("spec")!)
            .Where(leaf => !FieldSamples.Elsewhere.Keys.Any(
                prefix => $"{kind}.{leaf.Path}".StartsWith(prefix, StringComparison.Ordinal)))
            .Select(leaf => new FieldTransition(
                kind, leaf.Path, Valid(kind, leaf, 0), Valid(kind, leaf, 1), NotValid(kind, leaf)))];
    }

    /// <summary>Sets the value in the spec, with the other fields that the schema then requires.</summary>
    public void Set(JsonObject spec, JsonNode value)
    {
        foreach ((_, string other) in FieldSamples.Excludes.Where(
            pair => $"{Kind}.{Path}.".StartsWith(pair.Key + ".", StringComparison.Ordinal)))
        {
            Remove(spec, other.Split('.')[1..]);
        }

        SchemaNode schema = CustomResourceDefinition.OfKind(Kind).Schema.Property("spec")!;
        JsonObject place = spec;
        string[] steps = Path.Split('.')[1..];
        foreach (string step in steps[..^1])
        {
            string name = step.TrimEnd('[', ']');
            schema = schema.Property(name)!;
            if (schema.Items is { } items)
            {
                schema = items;
                JsonArray list = (place[name] ??= new JsonArray()).AsArray();
                if (list.Count == 0)
                {
                    list.Add(new JsonObject());
                }

                place = list[0]!.AsObject();
            }
            else
            {
                place = (place[name] ??= new JsonObject()).AsObject();
            }

            foreach (string required in schema.Required.Where(required => !place.ContainsKey(required)))
            {
                place[required] = Valid(Kind, schema.Property(required)!, 0).DeepClone();
            }
        }

        place[steps[^1]] = value.DeepClone();
    }

    public override string ToString() => $"{Kind}.{Path}";

    private static void Remove(JsonObject spec, string[] steps)
    {
        JsonObject? place = spec;
        foreach (string step in steps[..^1])
        {
            place = place?[step]?.AsObject();
        }

        place?.Remove(steps[^1]);
    }

    private static IEnumerable<SchemaNode> Leaves(string kind, SchemaNode node) =>
        FieldSamples.Values.ContainsKey($"{kind}.{node.Path}") ? [node]
            : node.Items is { Properties.Count: > 0 } items ? Leaves(kind, items)
            : node.Properties.Count > 0 ? node.Properties.SelectMany(property => Leaves(kind, property))
            : [node];

    private static JsonNode Valid(string kind, SchemaNode node, int which)
    {
        if (FieldSamples.Values.TryGetValue($"{kind}.{node.Path}", out (string First, string Second) sample))
        {
            return YamlJson.Parse(which == 0 ? sample.First : sample.Second)!;
        }

        return node switch
        {
            { Enum.Count: > 1 } => node.Enum[which],
            { Type: "boolean" } => which == 0,
            { Type: "integer" } when node.Json["minimum"] is { } minimum => (long)minimum + which,
            { Type: "array", Items.Enum.Count: > 1 } => new JsonArray(node.Items.Enum[which]),
            { Properties.Count: > 0 } => new JsonObject(node.Required.Select(
                name => KeyValuePair.Create(name, (JsonNode?)Valid(kind, node.Property(name)!, which).DeepClone()))),
            _ => throw new InvalidOperationException(
                $"No values for {kind}.{node.Path} can be made from its schema: add a line to FieldSamples.Values."),
        };
    }

    private static JsonNode NotValid(string kind, SchemaNode node)
    {
        if (FieldSamples.Invalid.TryGetValue($"{kind}.{node.Path}", out string? sample))
        {
            return YamlJson.Parse(sample)!;
        }

        return node switch
        {
            { Enum.Count: > 0 } => "Nonsense",
            { Type: "boolean" } => "yes",
            { Type: "integer" } when node.Json["maximum"] is { } maximum => (long)maximum + 1,
            { Type: "integer" } when node.Json["minimum"] is { } minimum => (long)minimum - 1,
            { Format: "date-time" } => "yesterday",
            { Type: "string" } when (string?)node.Json["pattern"] is { } pattern =>
                NothingValid.First(text => !Regex.IsMatch(text, pattern)),
            { Type: "array" } when (long?)node.Json["minItems"] > 0 => new JsonArray(),
            _ => throw new InvalidOperationException(
                $"No invalid value for {kind}.{node.Path} can be made from its schema: "
                + "add a line to FieldSamples.Invalid."),
        };
    }
}
