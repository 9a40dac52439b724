using System.Globalization;
using System.Text.Json.Nodes;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>RFC 6902's "test", "add" and "remove", and RFC 7386's merge.</summary>
internal static class JsonPatch
{
    /// <summary>The patched object, or null if an operation did not hold.</summary>
    public static JsonObject? Apply(JsonObject target, JsonArray operations)
    {
        var result = (JsonObject)target.DeepClone();
        foreach (JsonNode? operation in operations)
        {
            string[] path = operation!["path"]!.GetValue<string>()[1..].Split('/');
            JsonNode? parent = path[..^1].Aggregate((JsonNode?)result, Child);
            if (parent is null || !Apply(parent, path[^1], operation["op"]!.GetValue<string>(), operation["value"]))
            {
                return null;
            }
        }

        return result;
    }

    public static void Merge(JsonObject target, JsonObject patch)
    {
        foreach ((string name, JsonNode? value) in patch)
        {
            if (value is null)
            {
                target.Remove(name);
            }
            else if (value is JsonObject inner)
            {
                if (target[name] is not JsonObject child)
                {
                    target[name] = child = [];
                }

                Merge(child, inner);
            }
            else
            {
                target[name] = value.DeepClone();
            }
        }
    }

    private static bool Apply(JsonNode parent, string name, string operation, JsonNode? value)
    {
        switch (operation)
        {
            case "test":
                return JsonNode.DeepEquals(Child(parent, name), value);
            case "add" when parent is JsonArray list && name == "-":
                list.Add(value!.DeepClone());
                return true;
            case "add" when parent is JsonObject holder:
                holder[name] = value!.DeepClone();
                return true;
            case "remove" when parent is JsonArray list && int.Parse(name, CultureInfo.InvariantCulture) < list.Count:
                list.RemoveAt(int.Parse(name, CultureInfo.InvariantCulture));
                return true;
            default:
                return false;
        }
    }

    private static JsonNode? Child(JsonNode? parent, string name) => parent switch
    {
        JsonObject holder => holder[name],
        JsonArray list when int.TryParse(name, CultureInfo.InvariantCulture, out int index) && index < list.Count =>
            list[index],
        _ => null,
    };
}
