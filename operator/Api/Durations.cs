using System.Globalization;
using System.Text.RegularExpressions;

namespace MailOperator.Api;

/// <summary>Durations in specs: <c>90d</c>, <c>24h</c>, <c>1d12h</c>, <c>30m</c>, <c>0s</c>.</summary>
internal static partial class Durations
{
    /// <summary>Null if the text is no duration, or one of more than 100 years.</summary>
    public static TimeSpan? Parse(string text)
    {
        Match match = Shape().Match(text);
        if (text.Length == 0 || !match.Success)
        {
            return null;
        }

        double Part(int group) => match.Groups[group].Success
            ? double.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture)
            : 0;

        double seconds = (((((Part(1) * 24) + Part(2)) * 60) + Part(3)) * 60) + Part(4);
        return seconds <= TimeSpan.FromDays(36_500).TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    /// <summary>The shortest text for a duration of whole seconds, such as <c>1d12h</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        string text = string.Concat(
            Part(duration.Days, "d"), Part(duration.Hours, "h"), Part(duration.Minutes, "m"),
            Part(duration.Seconds, "s"));
        return text.Length == 0 ? "0s" : text;

        static string Part(int count, string unit) => count == 0 ? "" : $"{count}{unit}";
    }

    [GeneratedRegex(
        @"\A(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
