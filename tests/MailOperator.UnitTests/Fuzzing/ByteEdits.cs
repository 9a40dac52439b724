using System.Text;
using CsCheck;

namespace MailOperator.UnitTests.Fuzzing;

/// <summary>Changes bytes at random places: what it makes is mostly, but not quite, what it was made from.</summary>
internal static class ByteEdits
{
    private const int MaxEdits = 6;
    private const int LongRun = 5_000;

    /// <summary>Inputs made from others.</summary>
    /// <param name="from">Where they begin.</param>
    /// <param name="words">What is put into them, beside any bytes.</param>
    public static Gen<byte[]> Of(IReadOnlyList<byte[]> from, params string[] words)
    {
        byte[][] parts = [.. words.Select(Encoding.UTF8.GetBytes), [0], [0xff], [0xf6], [0xef, 0xbb, 0xbf]];
        Gen<byte[]> changed = Gen.Select(Gen.Int[0, from.Count - 1], EditsOf(parts.Length), (which, edits) =>
        {
            var bytes = new List<byte>(from[which]);
            foreach (Edit edit in edits)
            {
                Apply(edit, bytes, parts, from);
            }

            return bytes.ToArray();
        });
        return Gen.OneOf(changed, changed, changed, Gen.Byte.Array[0, 64]);
    }

    private static Gen<Edit[]> EditsOf(int parts) => Gen.Select(
        Gen.Int[0, 8], Gen.UInt, Gen.Int[0, parts - 1], Gen.Byte, Gen.Int[1, 24],
        static (kind, place, part, value, length) => new Edit(kind, place, part, value, length)).Array[0, MaxEdits];

    private static void Apply(Edit edit, List<byte> bytes, byte[][] parts, IReadOnlyList<byte[]> from)
    {
        int at = (int)(edit.Place % (uint)(bytes.Count + 1));
        int length = Math.Min(edit.Length, bytes.Count - at);
        switch (edit.Kind)
        {
            case 0 when at < bytes.Count:
                bytes[at] = edit.Value;
                break;
            case 1:
                bytes.RemoveRange(at, length);
                break;
            case 2:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 3:
                bytes.RemoveRange(at, length);
                bytes.InsertRange(at, parts[edit.Part]);
                break;
            case 4:
                byte[] other = from[edit.Part % from.Count];
                bytes.InsertRange(at, other.AsSpan(Math.Min(edit.Value, other.Length)).ToArray());
                break;
            case 5 when edit.Value > 250:
                bytes.InsertRange(at, Enumerable.Repeat(edit.Value, LongRun));
                break;
            case 6 when edit.Value < 64:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                bytes.InsertRange(at, parts[edit.Part]);
                break;
        }
    }

    private readonly record struct Edit(int Kind, uint Place, int Part, byte Value, int Length);
}
