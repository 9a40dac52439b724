using System.Collections.Immutable;
using Fluid.Ast;

namespace MailOperator.SecretTemplates;

/// <summary>Checks that every branch of a template uses only known variables and filters.</summary>
internal sealed class TemplateNames(string text, IReadOnlyCollection<string> variables) : AstVisitor
{
    private readonly ImmutableHashSet<string>.Builder _used =
        ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);

    /// <summary>The first unknown name and its place; null if there is none.</summary>
    public string? Problem { get; private set; }

    public ImmutableHashSet<string> Used => _used.ToImmutable();

    protected override Expression VisitMemberExpression(MemberExpression memberExpression)
    {
        string name = (memberExpression.Segments[0] as IdentifierSegment)?.Identifier ?? "";
        if (memberExpression.Segments is [_, var part, ..])
        {
            Refuse(
                $"'{name}{(part is IdentifierSegment { Identifier: var member } ? "." + member : "[…]")}'", name,
                "a variable has no parts");
        }
        else if (variables.Contains(name))
        {
            _used.Add(name);
        }
        else
        {
            Refuse($"variable '{name}'", name, $"there are {string.Join(", ", variables)}");
        }

        return base.VisitMemberExpression(memberExpression);
    }

    protected override Expression VisitFilterExpression(FilterExpression filterExpression)
    {
        if (!TemplateFilters.All.ContainsKey(filterExpression.Name))
        {
            Refuse(
                $"filter '{filterExpression.Name}'", filterExpression.Name,
                $"there are {string.Join(", ", TemplateFilters.All.Keys)}");
        }

        return base.VisitFilterExpression(filterExpression);
    }

    protected override Expression VisitRangeExpression(RangeExpression rangeExpression)
    {
        Problem ??= "a range such as (1..9) cannot be used";
        return rangeExpression;
    }

    private void Refuse(string what, string name, string why) =>
        Problem ??= $"{what} is not known at {TemplateShape.PlaceOf(name, text)}; {why}";
}
