using System.Diagnostics.CodeAnalysis;
using Fluid;

namespace MailOperator.SecretTemplates;

/// <summary>
/// The part of Liquid that a template may use: values, filters and conditions. Without loops, assignments, includes and
/// macros the work is bounded by the length of the template.
/// </summary>
internal static class TemplateLanguage
{
    public static readonly TemplateOptions Options = WithFilters(new TemplateOptions());

    private static readonly FluidParser Parser = new Grammar();

    public static bool TryParse(
        string text, [NotNullWhen(true)] out IFluidTemplate? template, [NotNullWhen(false)] out string? problem)
    {
        if (Parser.TryParse(text, out template, out string error))
        {
            problem = null;
            return true;
        }

        template = null;
        problem = error.Split('\n')[0]; // the other lines repeat the template
        return false;
    }

    private static TemplateOptions WithFilters(TemplateOptions options)
    {
        options.Filters.Clear();
        foreach ((string name, FilterDelegate filter) in TemplateFilters.All)
        {
            options.Filters.AddFilter(name, filter);
        }

        return options;
    }

    private sealed class Grammar : FluidParser
    {
        private static readonly string[] Tags = ["if", "unless", "case", "comment", "raw"];

        public Grammar()
            : base(new FluidParserOptions())
        {
            foreach (string tag in RegisteredTags.Keys.Except(Tags).ToList())
            {
                RegisteredTags.Remove(tag);
            }
        }
    }
}
