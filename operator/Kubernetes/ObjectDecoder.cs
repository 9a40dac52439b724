using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using k8s.Models;

namespace MailOperator.Kubernetes;

/// <summary>
/// Reads an object of the API server. Fields that do not fit their type are left out, and the object names them: what
/// takes a right away must be read although another field is wrong. A list is left out as a whole, because a part of
/// it may allow more than the whole.
/// </summary>
internal static partial class ObjectDecoder
{
    // Each round leaves out one field. An object with more wrong fields is not worth the time.
    private const int MaxFields = 64;

    /// <summary>The object's metadata; null together with a problem.</summary>
    /// <param name="element">The object.</param>
    /// <param name="hasLabels">Whether anything reads the labels of such an object.</param>
    /// <param name="problem">Why it cannot be read.</param>
    public static V1ObjectMeta? Metadata(JsonElement element, bool hasLabels, out string? problem)
    {
        try
        {
            V1ObjectMeta? metadata = ApiMetadata.Read(element.GetProperty("metadata"), hasLabels);
            problem = metadata?.Name is null ? "it has no name" : null;
            return problem is null ? metadata : null;
        }
        catch (Exception e) when (
            e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            problem = "its metadata cannot be read"; // the exception speaks of types and bytes
            return null;
        }
    }

    /// <summary>The object without its metadata, which the caller reads.</summary>
    /// <param name="element">The object.</param>
    public static T Decode<T>(JsonElement element)
        where T : ApiObject, new()
    {
        try
        {
            return DecodeFields<T>(element);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            return Nothing<T>([]); // half of a surrogate pair in a name
        }
    }

    private static T DecodeFields<T>(JsonElement element)
        where T : ApiObject, new()
    {
        JsonObject? rest = null;
        var unreadable = new List<string>();
        var problems = new List<string>();
        foreach (string holed in ListsWithNull(element).Take(MaxFields))
        {
            rest ??= (JsonObject)Copy(element)!;
            if (LeaveOut(rest, holed) is { } list)
            {
                unreadable.Add(list.Path);
                problems.Add($"{list.Path} cannot hold null");
            }
        }

        while (true)
        {
            try
            {
                JsonTypeInfo<T> type = ApiJson.TypeOf<T>(ApiJson.WithoutMetadata);
                T? value = rest is null ? element.Deserialize(type) : rest.Deserialize(type);
                if (value is null)
                {
                    return Nothing<T>(problems);
                }

                (value.Unreadable, value.DecodeError) =
                    (unreadable, problems.Count > 0 ? string.Join("; ", problems) : null);
                return value;
            }
            catch (JsonException e)
            {
                rest ??= Copy(element) as JsonObject;
                if (rest is null || unreadable.Count == MaxFields || LeaveOut(rest, e.Path) is not { } left)
                {
                    return Nothing<T>(problems);
                }

                unreadable.Add(left.Path);
                problems.Add($"{left.Path} cannot hold {left.Kind}");
            }
        }
    }

    private static T Nothing<T>(IEnumerable<string> problems)
        where T : ApiObject, new() => new()
        {
            Unreadable = ["spec", "status"],
            DecodeError = string.Join("; ", [.. problems, "the object cannot be read"]),
        };

    // As the serializer reads it: of members of one name the last counts, which JsonObject.Create would refuse.
    private static JsonNode? Copy(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var map = new JsonObject();
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    map[member.Name] = Copy(member.Value);
                }

                return map;
            case JsonValueKind.Array:
                return new JsonArray([.. element.EnumerateArray().Select(Copy)]);
            default:
                return JsonValue.Create(element);
        }
    }

    // The serializer checks null against the types of fields, but not against those of the elements of a list.
    private static IEnumerable<string> ListsWithNull(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object
            || JsonMarshal.GetRawUtf8Value(element).IndexOf("null"u8) < 0)
        {
            return [];
        }

        return element.EnumerateObject().Where(static part => part.Name is "spec" or "status")
            .Where(static part => part.Value.ValueKind == JsonValueKind.Object)
            .SelectMany(static part => part.Value.EnumerateObject()
                .SelectMany(field => ListsWithNull($".{part.Name}.{field.Name}", field.Value)));
    }

    private static IEnumerable<string> ListsWithNull(string path, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array when value.EnumerateArray().Any(HasNull) => [path],
        JsonValueKind.Object => value.EnumerateObject()
            .SelectMany(field => ListsWithNull($"{path}['{field.Name}']", field.Value)),
        _ => [],
    };

    private static bool HasNull(JsonElement item) => item.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Array => item.EnumerateArray().Any(HasNull),
        JsonValueKind.Object => item.EnumerateObject()
            .Any(static field => field.Value.ValueKind is not JsonValueKind.Null && HasNull(field.Value)),
        _ => false,
    };

    /// <summary>Removes the field at the path, or the list that it is in. Null if there is none.</summary>
    private static (string Path, string Kind)? LeaveOut(JsonObject root, string? path)
    {
        JsonObject parent = root;
        var names = new List<string>();
        foreach (Match step in Step().Matches(path ?? ""))
        {
            string name = step.Groups["name"].Success ? step.Groups["name"].Value : step.Groups["quoted"].Value;
            if (!parent.ContainsKey(name))
            {
                break; // a field that is missing: what must have it is left out
            }

            names.Add(name);
            if (parent[name] is not JsonObject inner)
            {
                break;
            }

            parent = inner;
        }

        if (names.Count == 0)
        {
            return null;
        }

        parent = names.SkipLast(1).Aggregate(root, static (at, name) => (JsonObject)at[name]!);
        string kind = KindOf(parent[names[^1]]);
        parent.Remove(names[^1]);
        return (string.Join('.', names), kind);
    }

    private static string KindOf(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.String => "this text",
        JsonValueKind.Number => "this number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        JsonValueKind.Array => "this list",
        JsonValueKind.Object => "this object",
        _ => "null",
    };

    [GeneratedRegex(@"\.(?<name>[^.\[]+)|\['(?<quoted>[^']*)'\]|\[\d+\]", RegexOptions.CultureInvariant)]
    private static partial Regex Step();
}
