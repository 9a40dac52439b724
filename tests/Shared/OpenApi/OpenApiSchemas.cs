using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using NJsonSchema;
using NJsonSchema.Validation;

namespace MailOperator.Tests.OpenApi;

/// <summary>The schemas of an OpenAPI description, converted to JSON Schema for a validator.</summary>
internal sealed class OpenApiSchemas(JsonObject document)
{
    private const string Components = "#/components/schemas/";

    private readonly ConcurrentDictionary<string, Task<JsonSchema>> _compiled = new(StringComparer.Ordinal);

    /// <summary>The target of a <c>$ref</c>, or the node itself.</summary>
    public JsonObject? Resolve(JsonNode? node)
    {
        while (node is JsonObject found && (string?)found["$ref"] is { } reference)
        {
            node = reference.Split('/')[1..].Aggregate<string, JsonNode?>(document, static (at, step) => at?[step]);
            Assert.True(node is not null, $"{reference} leads nowhere.");
        }

        return node as JsonObject;
    }

    /// <summary>
    /// The places where the text does not match the schema; empty if it does, or if there is no schema.
    /// </summary>
    public async Task<IReadOnlyList<string>> ProblemsAsync(JsonNode? schema, string text)
    {
        if (schema is not JsonObject found)
        {
            return [];
        }

        JsonSchema compiled = await _compiled.GetOrAdd(
            found.ToJsonString(), json => CompileAsync(JsonNode.Parse(json)!));
        try
        {
            using var parsed = JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            return ["it is not JSON"];
        }

        return [.. compiled.Validate(text).SelectMany(Told)];
    }

    private static IEnumerable<string> Told(ValidationError error) =>
        error is ChildSchemaValidationError { Errors: var inner }
            ? inner.SelectMany(static one => one.Value).SelectMany(Told)
            : [$"{error.Kind} at {error.Path}"];

    private Task<JsonSchema> CompileAsync(JsonNode schema)
    {
        JsonObject definitions = [.. (document["components"]?["schemas"]?.AsObject() ?? [])
            .Select(static one => KeyValuePair.Create(one.Key, Translated(one.Value)))];
        return JsonSchema.FromJsonAsync(
            new JsonObject { ["allOf"] = new JsonArray(Translated(schema)), ["definitions"] = definitions }
                .ToJsonString());
    }

    /// <summary>Converts to JSON Schema: moves the definitions, and allows null for nullable values.</summary>
    private static JsonNode? Translated(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray array:
                return new JsonArray([.. array.Select(Translated)]);
            case JsonObject reference when (string?)(reference["$ref"] as JsonValue) is { } target:
                // Siblings of $ref are ignored.
                return new JsonObject
                {
                    ["$ref"] = target.Replace(Components, "#/definitions/", StringComparison.Ordinal),
                };
            case JsonObject schema:
                JsonObject translated = [.. schema.Where(static one => one.Key is not ("nullable" or "example"))
                    .Select(static one => KeyValuePair.Create(one.Key, Translated(one.Value)))];
                return schema["nullable"] is JsonValue nullable && (bool)nullable
                    ? new JsonObject { ["anyOf"] = new JsonArray(translated, new JsonObject { ["type"] = "null" }) }
                    : translated;
            default:
                return node?.DeepClone();
        }
    }
}
