using System.Text.RegularExpressions;

namespace MailOperator.UnitTests.Fuzzing;

/// <summary>What only a programmer understands, and no message for people has.</summary>
internal static partial class MachineWords
{
    /// <summary>Whether a message has such words: names of .NET types, a stack, a position in bytes.</summary>
    public static bool AreIn(string message) => Machine().IsMatch(message);

    /// <summary>Fails if a message has such words, or none at all.</summary>
    /// <param name="message">The message.</param>
    /// <param name="quoted">What the message may quote, whatever words that has.</param>
    public static void AssertNoneIn(string? message, params IEnumerable<string> quoted)
    {
        Assert.False(string.IsNullOrWhiteSpace(message), "a message is empty");
        string own = quoted.Where(static text => text.Length > 0).Aggregate(
            message!, static (rest, text) => rest.Replace(text, "…", StringComparison.Ordinal));
        Assert.False(AreIn(own), $"a message is not for people: {own}");
    }

    [GeneratedRegex(
        @"System\.|MailOperator\.[A-Z]|Exception|BytePositionInLine|LineNumber:|\s+at \w+\.\w+|`\d|Nullable|DateTime",
        RegexOptions.CultureInvariant)]
    private static partial Regex Machine();
}
