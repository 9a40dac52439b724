using System.Text.RegularExpressions;

namespace MailOperator.SecretTemplates;

/// <summary>Looks at a template as text: before it is parsed, and for where something stands in it.</summary>
internal static partial class TemplateShape
{
    /// <summary>Tags such as <c>{% if … %}</c>.</summary>
    public const int MaxTags = 32;

    /// <summary>Of each of the characters that a deeper expression begins with, wherever they stand.</summary>
    public const int MaxOpenings = 64;

    /// <summary>
    /// Refuses what the parser, which calls itself for what is nested, could overflow its stack on: that would end the
    /// process, and no exception tells of it.
    /// </summary>
    public static string? Problem(string text) =>
        text.AsSpan().Count("{%") > MaxTags ? $"it has more than {MaxTags} tags"
            : "|[(".FirstOrDefault(opening => text.AsSpan().Count(opening) > MaxOpenings) is var many and not '\0' ? $"it has more than {MaxOpenings} '{many}'"
            : null;

    /// <summary>Where a name stands first within <c>{{ … }}</c> or <c>{% … %}</c>, as (line:column).</summary>
    public static string PlaceOf(string name, string text)
    {
        foreach (Match mark in Marks().Matches(text))
        {
            if (Regex.Match(mark.Value, $@"(?<![\w-]){Regex.Escape(name)}(?![\w-])", RegexOptions.CultureInvariant) is { Success: true } found)
            {
                int at = mark.Index + found.Index;
                return $"({text.AsSpan(0, at).Count('\n') + 1}:{at - text.AsSpan(0, at).LastIndexOf('\n')})";
            }
        }

        return "(1:1)";
    }

    [GeneratedRegex(@"\{[{%].*?[%}]\}", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Marks();
}
