using System.Text;
using System.Text.Json;
using CsCheck;

namespace MailOperator.UnitTests.Fuzzing;

/// <summary>
/// Changes JSON at random places: other values and types, members that are there twice, names that are none. Some of it
/// is no JSON any more.
/// </summary>
internal static class JsonEdits
{
    private const int MaxEdits = 4;

    // Beside the values of JsonMutator: what only a broken server writes.
    private static readonly string[] Odd =
    [
        "\"\\ud800\"", "\"\\udc00\\ud800\"", "{\"a\":1,\"a\":2}", "{\"\\ud800\":1}", "{\"a'b\":1}", "{\"a.b\":[null]}",
        "{\"a']['b\":null}", "1.5", "-0", "1e-400", "9223372036854775808", "-9223372036854775809", "2147483648", "1E2",
        "\"\\u0000\"", "\"\\u2028\"", "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", "{\"a\":{\"a\":[{\"a\":{\"a\":[{}]}}]}}",
        Deep(50), Deep(80), $"\"{new string('x', 5_000)}\"", $"{{\"{new string('y', 5_000)}\":1}}", "", ",", "\"",
        "NaN",
        "{\"a\":1", "\"\uFEFF\"", "/**/1", "[1,]",
    ];

    private static readonly string[] Names =
        ["\"\\ud800\"", "\"a'b\"", "\"a.b\"", "\"\"", "\"$\"", "\"\\u0000\"", "\"name\"", "\"spec\"", "\"items\"", "x"];

    /// <summary>Inputs made from JSON documents.</summary>
    /// <param name="from">The documents.</param>
    public static Gen<byte[]> Of(IReadOnlyList<byte[]> from)
    {
        Seed[] seeds = [.. from.Where(IsJson).Select(Seed.Of)];
        string[] values = [.. JsonMutator.Values, .. Odd];
        Gen<Edit> edit = Gen.Select(
            Gen.Int[0, 5], Gen.UInt, Gen.Int[0, values.Length - 1],
            static (kind, place, word) => new Edit(kind, place, word));
        Gen<byte[]> changed = Gen.Select(
            Gen.Int[0, seeds.Length - 1], edit.Array[0, MaxEdits],
            (which, edits) => Encoding.UTF8.GetBytes(Apply(seeds[which], edits, values)));
        return Gen.OneOf(changed, changed, changed, changed, changed, ByteEdits.Of(from, [.. values, .. Names]));
    }

    private static string Apply(Seed seed, Edit[] edits, string[] values)
    {
        string text = seed.Text;
        int end = text.Length;
        // From the end, so that the places before stay where they are.
        foreach ((Place place, string word) in edits.Select(edit => seed.PlaceOf(edit, values))
            .OrderByDescending(static one => one.Place.At).ThenByDescending(static one => one.Place.Length))
        {
            if (place.At + place.Length <= end)
            {
                text = string.Concat(text.AsSpan(0, place.At), word, text.AsSpan(place.At + place.Length));
                end = place.At;
            }
        }

        return text;
    }

    private static string Deep(int levels) => new string('[', levels) + new string(']', levels);

    private static bool IsJson(byte[] bytes)
    {
        try
        {
            JsonDocument.Parse(bytes).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private readonly record struct Edit(int Kind, uint Number, int Word);

    private readonly record struct Place(int At, int Length);

    /// <summary>A document in ASCII, and where its values, names and objects are.</summary>
    private sealed record Seed(string Text, List<Place> Values, List<Place> Names, List<Place> Objects)
    {
        public static Seed Of(byte[] json)
        {
            string text = Encoding.UTF8.GetString(json);
            var seed = new Seed(text, [], [], []);
            var open = new Stack<int>();
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                int at = (int)reader.TokenStartIndex, after = (int)reader.BytesConsumed;
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        seed.Names.Add(new Place(at, text.IndexOf(':', after - 1) - at));
                        break;
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        open.Push(at);
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        int start = open.Pop();
                        seed.Values.Add(new Place(start, after - start));
                        if (reader.TokenType == JsonTokenType.EndObject && text[(start + 1)..].TrimStart()[0] != '}')
                        {
                            seed.Objects.Add(new Place(start + 1, 0));
                        }

                        break;
                    default:
                        seed.Values.Add(new Place(at, after - at));
                        break;
                }
            }

            return seed;
        }

        /// <summary>Where an edit is made, and what it puts there.</summary>
        public (Place Place, string Word) PlaceOf(Edit edit, string[] values)
        {
            string value = values[edit.Word];
            string odd = JsonEdits.Names[edit.Word % JsonEdits.Names.Length];
            return edit.Kind switch
            {
                0 when Names.Count > 0 => (One(Names, edit.Number), odd),
                1 when Objects.Count > 0 => (One(Objects, edit.Number), $"{odd}:{value},"),
                2 when Objects.Count > 0 => (One(Objects, edit.Number), $"{NameOf(edit.Number)}:{value},"),
                _ => (One(Values, edit.Number), value),
            };
        }

        private static Place One(List<Place> places, uint number) => places[(int)(number % (uint)places.Count)];

        private string NameOf(uint number)
        {
            Place name = One(Names, number / 7);
            return Text.Substring(name.At, name.Length);
        }
    }
}
