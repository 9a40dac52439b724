using System.Globalization;
using System.Text.Json.Nodes;

namespace MailOperator.Tests.OpenApi;

/// <summary>
/// Checks requests and responses against an OpenAPI description. Everything that it does not name is a violation:
/// another path, parameter, status, media type or body.
/// </summary>
internal sealed class OpenApiContract(JsonObject document)
{
    private static readonly string[] Methods = ["get", "put", "post", "delete", "patch"];

    private readonly OpenApiSchemas _schemas = new(document);

    /// <param name="file">The description in YAML or JSON.</param>
    public static OpenApiContract Load(string file) => new(
        file.EndsWith(".json", StringComparison.Ordinal)
            ? JsonNode.Parse(File.ReadAllText(file))!.AsObject()
            : YamlJson.ReadAll(file).Single());

    /// <summary>Each operation as <c>METHOD path status</c>.</summary>
    public IReadOnlyList<string> Answers =>
    [
        .. from path in document["paths"]!.AsObject()
           from operation in path.Value!.AsObject()
           where Methods.Contains(operation.Key)
           from response in operation.Value!["responses"]!.AsObject()
           select $"{operation.Key.ToUpperInvariant()} {path.Key} {response.Key}",
    ];

    /// <summary>The violations of the contract in the exchange; empty if there are none.</summary>
    public async Task<IReadOnlyList<string>> CheckAsync(HttpExchange exchange)
    {
        var violations = new List<string>();
        if (Find(exchange) is not { } found)
        {
            return [$"{exchange}: there is no such operation"];
        }

        await CheckParametersAsync(exchange, found, violations);
        if (_schemas.Resolve(found.Operation["requestBody"]) is { } body)
        {
            await CheckContentAsync("the request", exchange.Request, body, violations);
        }
        else if (exchange.Request.Body.Length > 0)
        {
            violations.Add("the request has a body");
        }

        await CheckResponseAsync(exchange, found.Operation, violations);
        return [.. violations.Select(violation => $"{exchange}: {violation}")];
    }

    private Match? Find(HttpExchange exchange)
    {
        string[] steps = exchange.Path.Split('/');
        foreach ((string template, JsonNode? item) in document["paths"]!.AsObject()
            .OrderBy(static path => path.Key.Count(static character => character == '{')))
        {
            string[] names = template.Split('/');
            bool isIt = names.Length == steps.Length && names.Zip(steps)
                .All(static pair => pair.First.StartsWith('{') ? pair.Second.Length > 0 : pair.First == pair.Second);
            if (isIt && item![exchange.Method.ToLowerInvariant()] is JsonObject operation)
            {
                return new Match(
                    operation,
                    [.. Parameters(item).Concat(Parameters(operation))],
                    names.Zip(steps).Where(static pair => pair.First.StartsWith('{')).ToDictionary(
                        static pair => pair.First.Trim('{', '}'), static pair => Uri.UnescapeDataString(pair.Second)));
            }
        }

        return null;
    }

    private IEnumerable<JsonObject> Parameters(JsonNode place) =>
        (place["parameters"]?.AsArray() ?? []).Select(parameter => _schemas.Resolve(parameter)!);

    private async Task CheckParametersAsync(HttpExchange exchange, Match found, List<string> violations)
    {
        foreach (JsonObject parameter in found.Parameters)
        {
            string name = (string)parameter["name"]!;
            string[] values = (string)parameter["in"]! switch
            {
                "path" => [found.Path[name]],
                "query" => [.. exchange.Query.Where(one => BaseName(one.Key) == name).Select(static one => one.Value)],
                _ => exchange.Request.Headers.TryGetValue(name.ToLowerInvariant(), out string? value) ? [value] : [],
            };
            if (values.Length == 0 && (bool?)parameter["required"] == true)
            {
                violations.Add($"the parameter {name} is missing");
            }

            foreach (string value in values)
            {
                await CheckTextAsync($"the parameter {name}", value, parameter["schema"], violations);
            }
        }

        violations.AddRange(exchange.Query
            .Where(one => !found.Parameters.Any(
                parameter => (string)parameter["in"]! == "query" && (string)parameter["name"]! == BaseName(one.Key)))
            .Select(static one => $"the parameter {one.Key} is not known"));
    }

    private async Task CheckResponseAsync(HttpExchange exchange, JsonObject operation, List<string> violations)
    {
        JsonObject responses = operation["responses"]!.AsObject();
        if (_schemas.Resolve(responses[exchange.Status.ToString(CultureInfo.InvariantCulture)]
            ?? responses["default"]) is not { } response)
        {
            violations.Add("the status is not known");
            return;
        }

        foreach ((string name, JsonNode? described) in response["headers"]?.AsObject() ?? [])
        {
            JsonObject header = _schemas.Resolve(described)!;
            if (exchange.Response.Headers.TryGetValue(name.ToLowerInvariant(), out string? value))
            {
                await CheckTextAsync($"the header {name}", value, header["schema"], violations);
            }
            else if ((bool?)header["required"] == true)
            {
                violations.Add($"the header {name} is missing");
            }
        }

        await CheckContentAsync("the answer", exchange.Response, response, violations);
    }

    private async Task CheckContentAsync(string what, HttpPart part, JsonObject described, List<string> violations)
    {
        if (described["content"] is not JsonObject content)
        {
            violations.AddRange(part.Body.Length > 0 ? [$"{what} has a body"] : Array.Empty<string>());
        }
        else if (part.MediaType is not { } type || content[type] is not { } media)
        {
            violations.Add($"{what} has the media type '{part.MediaType}'");
        }
        else
        {
            violations.AddRange(
                (await _schemas.ProblemsAsync(media["schema"], part.Text)).Select(problem => $"{what}: {problem}"));
        }
    }

    private async Task CheckTextAsync(string what, string value, JsonNode? schema, List<string> violations)
    {
        bool isText = _schemas.Resolve(schema) is not { } resolved || resolved["type"] is not JsonValue type
            || (string)type! is "string" or "array";
        violations.AddRange(
            (await _schemas.ProblemsAsync(schema, isText ? JsonValue.Create(value).ToJsonString() : value))
                .Select(problem => $"{what}: {problem}"));
    }

    // order_for[type] is an element of order_for
    private static string BaseName(string name) => name.Split('[')[0];

    private sealed record Match(
        JsonObject Operation, IReadOnlyList<JsonObject> Parameters, IReadOnlyDictionary<string, string> Path);
}
