using System.Text.RegularExpressions;

namespace MailOperator.SecretTemplates;

/// <summary>Checks the text of a template before it is parsed, and finds names in it.</summary>
internal static partial class TemplateShape
{
    /// <summary>The maximum number of tags such as <c>{% if … %}</c>.</summary>
    public const int MaxTags = 32;

    /// <summary>Occurrences of each character that can begin a nested expression.</summary>
    public const int MaxOpenings = 64;

    /// <summary>
    /// Limits nesting, because the parser is recursive: a stack overflow ends the process without an exception.
    /// </summary>
    public static string? Problem(string text) =>
        text.AsSpan().Count("{%") > MaxTags ? $"it has more than {MaxTags} tags"
            : "|[(".FirstOrDefault(opening => text.AsSpan().Count(opening) > MaxOpenings) is var many and not '\0'
                ? $"it has more than {MaxOpenings} '{many}'"
            : null;

    /// <summary>The first place of a name within <c>{{ … }}</c> or <c>{% … %}</c>, as (line:column).</summary>
    public static string PlaceOf(string name, string text)
    {
        foreach (Match mark in Marks().Matches(text))
        {
            if (Regex.Match(
                mark.Value, $@"(?<![\w-]){Regex.Escape(name)}(?![\w-])",
                RegexOptions.CultureInvariant) is { Success: true } found)
            {
                int at = mark.Index + found.Index;
                return $"({text.AsSpan(0, at).Count('\n') + 1}:{at - text.AsSpan(0, at).LastIndexOf('\n')})";
            }
        }

        return "(1:1)";
    }

    /// <summary>
    /// What to write instead of a template of Go, which Helm and many operators use; null if it does not look like one.
    /// </summary>
    /// <param name="text">A template that cannot be used.</param>
    /// <param name="variables">The names that it may use.</param>
    public static string? GoHabit(string text, IReadOnlyCollection<string> variables)
    {
        Match habit = GoAction().Match(text);
        if (!habit.Success)
        {
            return null;
        }

        string last = habit.Groups["name"].Value.Split('.')[^1].ToLowerInvariant();
        string name = variables.Contains(last, StringComparer.Ordinal) ? last : "host";
        string instead = habit.Groups["word"].Success
            ? "tags are written {% if host %}…{% endif %}"
            : $"write {{{{ {name} }}}}";
        string quoted = string.Join(' ', habit.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return $"'{quoted}' is a template of Go, and templates are Liquid: {instead}";
    }

    // {{ .host }}, {{ $host }} and {{ if … }}: each is an error in Liquid.
    [GeneratedRegex(
        @"\{\{-?\s*(?:[.$](?<name>[\w.]{0,64})"
            + @"|(?<word>(?:if|else|end|with|range|define|template|include)\b)[^}]{0,64})",
        RegexOptions.CultureInvariant)]
    private static partial Regex GoAction();

    [GeneratedRegex(@"\{[{%].*?[%}]\}", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Marks();
}
