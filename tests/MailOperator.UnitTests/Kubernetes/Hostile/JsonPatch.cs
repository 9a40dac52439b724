using System.Text.Json.Nodes;

namespace MailOperator.UnitTests.Kubernetes.Hostile;

/// <summary>The two kinds of patches that are sent here, as far as they are used.</summary>
internal static class JsonPatch
{
    /// <summary>Applies a JSON patch; false if a test of it did not hold, or a path is not there.</summary>
    public static bool TryApply(JsonObject target, JsonArray operations)
    {
        foreach (JsonObject operation in operations.Select(static operation => operation!.AsObject()))
        {
            string[] path = ((string)operation["path"]!).Split('/')[1..];
            JsonNode? parent = path[..^1].Aggregate<string, JsonNode?>(target, Step);
            bool applied = (string)operation["op"]! switch
            {
                "test" => parent is not null && JsonNode.DeepEquals(Step(parent, path[^1]), operation["value"]),
                "add" => Add(parent, path[^1], operation["value"]),
                "remove" => Remove(parent, path[^1]),
                string other => throw new NotSupportedException(other),
            };
            if (!applied)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A merge patch (RFC 7386).</summary>
    public static void Merge(JsonObject target, JsonObject patch)
    {
        foreach ((string name, JsonNode? value) in patch)
        {
            if (value is null)
            {
                target.Remove(name);
            }
            else if (value is JsonObject inner && target[name] is JsonObject present)
            {
                Merge(present, inner);
            }
            else
            {
                target[name] = value.DeepClone();
            }
        }
    }

    private static JsonNode? Step(JsonNode? node, string name) => node switch
    {
        JsonObject inner => inner[name],
        JsonArray list => int.TryParse(name, out int index) && index < list.Count ? list[index] : null,
        _ => null,
    };

    private static bool Add(JsonNode? parent, string name, JsonNode? value)
    {
        switch (parent)
        {
            case JsonObject inner:
                inner[name] = value?.DeepClone();
                return true;
            case JsonArray list when name == "-":
                list.Add(value?.DeepClone());
                return true;
            default:
                return false;
        }
    }

    private static bool Remove(JsonNode? parent, string name)
    {
        switch (parent)
        {
            case JsonArray list when int.TryParse(name, out int index) && index < list.Count:
                list.RemoveAt(index);
                return true;
            case JsonObject inner:
                return inner.Remove(name);
            default:
                return false;
        }
    }
}
