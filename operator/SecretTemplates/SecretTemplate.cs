using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Fluid;

namespace MailOperator.SecretTemplates;

/// <summary>
/// One value of a Secret as a Liquid template. Parsing validates names, filters and nesting, without any secret; only
/// the length can still be wrong when it is rendered.
/// </summary>
internal sealed class SecretTemplate
{
    /// <summary>In characters.</summary>
    public const int MaxTemplateLength = 4096;

    /// <summary>Characters that a template, and each filter in it, may produce.</summary>
    public const int MaxTextLength = 65_536;

    private readonly IFluidTemplate _template;
    private readonly ImmutableHashSet<string> _used;

    private SecretTemplate(string text, IFluidTemplate template, ImmutableHashSet<string> used) =>
        (Text, _template, _used) = (text, template, used);

    /// <summary>The source text.</summary>
    public string Text { get; }

    /// <param name="text">The template.</param>
    /// <param name="variables">The names that it may use.</param>
    /// <param name="template">Null together with a problem.</param>
    /// <param name="problem">What is wrong, and at which line and column.</param>
    public static bool TryParse(
        string text,
        IReadOnlyCollection<string> variables,
        [NotNullWhen(true)] out SecretTemplate? template,
        [NotNullWhen(false)] out string? problem)
    {
        template = null;
        if (text.Length > MaxTemplateLength)
        {
            problem = $"it is longer than {MaxTemplateLength} characters";
            return false;
        }

        if ((problem = TemplateShape.Problem(text)) is not null
            || !TemplateLanguage.TryParse(text, out IFluidTemplate? parsed, out problem))
        {
            problem = TemplateShape.GoHabit(text, variables) ?? problem!;
            return false;
        }

        var names = new TemplateNames(text, variables);
        names.VisitTemplate(parsed);
        problem = names.Problem is null ? null : TemplateShape.GoHabit(text, variables) ?? names.Problem;
        template = problem is null ? new SecretTemplate(text, parsed, names.Used) : null;
        return problem is null;
    }

    public bool Uses(string variable) => _used.Contains(variable);

    /// <summary>
    /// The rendered text in UTF-8, for the caller to wipe. Rendering makes strings of the values, which cannot be
    /// wiped; nothing refers to them after the return.
    /// </summary>
    /// <param name="variables">Values by name; a missing one is empty.</param>
    /// <param name="maxLength">Characters that it may produce.</param>
    /// <exception cref="TextTooLongException">It produces more.</exception>
    public byte[] Render(IReadOnlyDictionary<string, string> variables, int maxLength = MaxTextLength)
    {
        using var text = new WipedText(maxLength);
        var context = new TemplateContext(TemplateLanguage.Options);
        foreach ((string name, string value) in variables)
        {
            context.SetValue(name, value);
        }

        // Completes synchronously: a template does no I/O.
        _template.RenderAsync(text, NullEncoder.Default, context).AsTask().GetAwaiter().GetResult();
        return text.ToUtf8();
    }

    public override string ToString() => Text;
}
