using System.Text.Json.Nodes;

namespace MailOperator.UnitTests.Fuzzing;

/// <summary>Puts other values into a JSON object at random places. The same seed gives the same objects.</summary>
internal sealed class JsonMutator(int seed)
{
    // What no schema would let through, and what only an old API server does.
    internal static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1e400", "123456789012345678901234567890", "0.5", "\"\"", "\"x\"", "\"0s\"",
        "\"9999999d\"", "\"36500d\"", "\"0d\"", "\"-1d\"", "\"0000-01-01T00:00:00Z\"", "\"0001-01-01T00:00:00Z\"",
        "\"0001-01-01T00:00:00+14:00\"", "\"9999-12-31T23:59:59Z\"", "\"9999-12-31T23:59:59-14:00\"",
        "\"10000-01-01T00:00:00Z\"", "\"2027-02-30T00:00:00Z\"", "\"2027-01-31\"", "\"Infinity\"",
        "\"a\\u0000b\"", "\"{{ .host }}\"", "\"{% if %}\"", "\"0 0 31 2 *\"", "\"* * * * * *\"", "\"../../etc\"",
        "\"999.1.1.1/99\"", "\"::/200\"", "\"@\"", "\"a@b@c\"", "[]", "{}", "[null]", "[[]]", "[{}]", "[\"x\",1]",
        "{\"name\":null}", "{\"\":\"\"}", "{\"a\":{\"a\":{\"a\":{}}}}",
    ];

    private readonly Random _random = new(seed);

    /// <summary>A copy with one to three values changed, removed or added.</summary>
    public JsonObject Mutate(JsonObject original)
    {
        var copy = (JsonObject)original.DeepClone();
        for (int change = _random.Next(1, 4); change > 0; change--)
        {
            (JsonNode parent, object key)[] places = [.. Places(copy)];
            if (places.Length == 0)
            {
                break; // spec and status were removed
            }

            (JsonNode at, object name) = places[_random.Next(places.Length)];
            JsonNode? value = JsonNode.Parse(Values[_random.Next(Values.Length)]);
            switch (at, name)
            {
                case (JsonObject map, string field) when _random.Next(8) == 0:
                    map.Remove(field);
                    break;
                case (JsonObject map, string field):
                    map[field] = value;
                    break;
                case (JsonArray list, int index):
                    list[index] = value;
                    break;
            }
        }

        return copy;
    }

    private static IEnumerable<(JsonNode Parent, object Key)> Places(JsonNode node) => node switch
    {
        JsonObject map => map.Where(pair => pair.Key is not ("metadata" or "apiVersion" or "kind"))
            .SelectMany(pair => Places(pair.Value ?? 0).Prepend((map, pair.Key))),
        JsonArray list => Enumerable.Range(0, list.Count)
            .SelectMany(index => Places(list[index] ?? 0).Prepend((list, index))),
        _ => [],
    };
}
